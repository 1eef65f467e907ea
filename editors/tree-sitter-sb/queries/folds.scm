[
  (block)
  (group_declaration)
  (list_target)
  (set)
  (test_declaration)
  (frequency_line)
  (block_comment)
] @fold
