-- Prints what tree-sitter's queries capture in the current buffer: QUERY LINE: capture `text` ..., punctuation left out.
-- SB_PARSER is the compiled parser; the queries lie in the runtime path as queries/sb/. (Not tags.scm: its `strip!` is for the
-- command line tool and GitHub.)
vim.treesitter.require_language('sb', os.getenv('SB_PARSER'))
local tree = vim.treesitter.get_parser(0, 'sb'):parse()[1]
assert(not tree:root():has_error(), 'the tree has an error')
for _, name in ipairs({ 'highlights', 'locals', 'folds', 'indents', 'injections' }) do
  local query = vim.treesitter.query.get_query('sb', name)
  local lines, order, shown = {}, {}, {}
  for id, node in query:iter_captures(tree:root(), 0) do
    local row, column, end_row, end_column = node:range()
    local capture = query.captures[id]
    local text = vim.split(vim.treesitter.query.get_node_text(node, 0), '\n')[1] .. (end_row > row and ' ...' or '')
    if not lines[row] then
      lines[row] = {}
      table.insert(order, row)
    end
    -- Of the highlights of one node the last one is shown.
    local key = string.format('%d:%d:%d', row, column, end_column) .. (name == 'highlights' and '' or capture)
    if not shown[key] then
      shown[key] = #lines[row] + 1
      table.insert(lines[row], '')
    end
    lines[row][shown[key]] = capture:find('^punctuation') and '' or string.format(' %s `%s`', capture, text)
  end
  for _, row in ipairs(order) do
    local line = table.concat(lines[row])
    if line ~= '' then io.stdout:write(string.format('%s %d:%s\n', name, row + 1, line)) end
  end
end
require('vim.treesitter.highlighter').new(vim.treesitter.get_parser(0, 'sb'))
vim.cmd('redraw')
vim.cmd('qall!')
