[
  (block)
  (list_target)
  (set)
  (parameters)
  (arguments)
  (conditions)
  (data)
  (parenthesized_expression)
  (test_declaration)
  (frequency_line)
] @indent.begin

["}" ")"] @indent.branch @indent.end

(ERROR) @indent.auto
[(block_comment) (string)] @indent.ignore
