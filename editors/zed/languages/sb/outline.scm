(policy_declaration "policy" @context name: (identifier) @name) @item
(rules_declaration "rules" @context name: (identifier) @name) @item
(group_declaration "group" @context name: (identifier) @name) @item
(const_declaration "const" @context name: (identifier) @name) @item
(syscall_declaration "syscall" @context name: (identifier) @name) @item
(test_declaration "test" @context name: (string) @name) @item
