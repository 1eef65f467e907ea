; Names of the file are visible everywhere in it, parameters in their rule set.
(source_file) @local.scope
(rules_declaration) @local.scope
(policy_declaration) @local.scope

(const_declaration name: (identifier) @local.definition.constant)
(group_declaration name: (identifier) @local.definition.macro)
(syscall_declaration name: (identifier) @local.definition.function)
(rules_declaration name: (identifier) @local.definition.function)
(policy_declaration name: (identifier) @local.definition.type)
(import_declaration alias: (identifier) @local.definition.import)
(import_declaration module: (qualified_name (identifier) @local.definition.import .))
(parameter name: (identifier) @local.definition.parameter)

(reference (qualified_name . (identifier) @local.reference))
(group_reference (qualified_name . (identifier) @local.reference))
(use_statement rules: (qualified_name . (identifier) @local.reference))
(test_declaration policy: (qualified_name . (identifier) @local.reference))
(call name: (qualified_name . (identifier) @local.reference))
(action parameter: (identifier) @local.reference)
