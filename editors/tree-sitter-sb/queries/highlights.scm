; Later patterns win where several match.

(identifier) @variable

(unary_expression operator: _ @operator)
[".." ] @operator
["{" "}" "(" ")"] @punctuation.bracket
["," ";" ":" "."] @punctuation.delimiter
"@" @punctuation.special

(reference (qualified_name (identifier) @constant .)
  (#match? @constant "^_*[A-Z][A-Z0-9_]+$"))
(call name: (qualified_name (identifier) @function .))
(group_reference (qualified_name (identifier) @function.macro .))
(function_call function: (qualified_name (identifier) @function.builtin .))
(type (qualified_name (identifier) @type .))
(on_clause (identifier) @module)
(on_statement (identifier) @module)
(foreign_line (identifier) @module)
(install_line (identifier) @property)
(syscall_number abi: (identifier) @module)
(frequency call: (qualified_name (identifier) @function .))

; ---- words: begin (written by tools/gen_editors.py) ----
["import" "as" "const" "group" "syscall" "rules" "unsafe" "policy" "param" "runtime" "test" "for" "with" "expect"] @keyword
["on" "if" "else" "except" "fallback" "require" "use" "override" "assert" "never" "default" "foreign" "kernel" "newer" "install" "frequency"] @keyword
["in" "has" "any" "lacks" "only"] @keyword.operator
["!=" "&&" "<<" "<=" "==" ">=" ">>" "||" "!" "&" "*" "+" "-" "<" "=" ">" "|"] @operator
["allow" "log" "notify" "trace" "errno" "trap" "kill_thread" "kill_process"] @function.builtin

((type (qualified_name . (identifier) @type.builtin .))
  (#match? @type.builtin "^(u8|u16|u32|u64|i8|i16|i32|i64)$"))
; ---- words: end ----

(import_declaration module: (qualified_name (identifier) @module))
(import_declaration alias: (identifier) @module)
(const_declaration name: (identifier) @constant)
(group_declaration name: (identifier) @function.macro)
(syscall_declaration name: (identifier) @function)
(rules_declaration name: (identifier) @function)
(policy_declaration name: (identifier) @type.definition)
(use_statement rules: (qualified_name (identifier) @function .))
(test_declaration policy: (qualified_name (identifier) @type .))
(parameter name: (identifier) @variable.parameter)
(argument name: (identifier) @variable.parameter)
(action parameter: (identifier) @variable.parameter)
(outcome parameter: (identifier) @variable.parameter)

; The register in a condition stands left of its operator.
(binary_expression left: (reference (qualified_name . (identifier) @variable.member .))
  (#not-match? @variable.member "^_*[A-Z][A-Z0-9_]+$"))
(in_expression left: (reference (qualified_name . (identifier) @variable.member .)))
(raw_slot) @variable.builtin

(integer) @number
(version) @number
(character) @character
(string) @string
(boolean) @boolean
(shebang) @keyword.directive
[(line_comment) (block_comment)] @comment
(doc_comment) @comment.documentation
