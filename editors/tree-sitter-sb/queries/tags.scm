((doc_comment)* @doc
  . (policy_declaration name: (identifier) @name) @definition.class
  (#strip! @doc "^///\\s?"))
((doc_comment)* @doc
  . (rules_declaration name: (identifier) @name) @definition.function
  (#strip! @doc "^///\\s?"))
((doc_comment)* @doc
  . (group_declaration name: (identifier) @name) @definition.macro
  (#strip! @doc "^///\\s?"))
((doc_comment)* @doc
  . (const_declaration name: (identifier) @name) @definition.constant
  (#strip! @doc "^///\\s?"))
(syscall_declaration name: (identifier) @name) @definition.function
(param_declaration (parameter name: (identifier) @name)) @definition.constant
(test_declaration name: (string) @name) @definition.method

(use_statement rules: (qualified_name (identifier) @name .)) @reference.call
(group_reference (qualified_name (identifier) @name .)) @reference.call
(test_declaration policy: (qualified_name (identifier) @name .)) @reference.class
(call name: (qualified_name (identifier) @name .)) @reference.call
