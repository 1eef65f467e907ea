-- Neovim's client with `sbpc lsp` (SBPC): attaches, gets diagnostics, hovers, formats; never attaches to a Seatbelt profile. See nvim_lsp.test.
local said = {}
local function say(...) table.insert(said, string.format(...)) end
local function wait(what, condition) assert(vim.wait(20000, condition, 20), 'waited too long for ' .. what) end

require('sb').setup({ cmd = { os.getenv('SBPC'), 'lsp' } })
vim.cmd('edit policy.sb')
wait('the client', function()
  local client = vim.lsp.buf_get_clients(0)[1]
  return client and client.initialized
end)
local client = vim.lsp.buf_get_clients(0)[1]
say('attached: %s', client.name)

local function errors() return vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) end
wait('an error', function() return #errors() > 0 end)
for _, one in ipairs(errors()) do
  say('diagnostic %d:%d: %s', one.lnum + 1, one.col + 1, vim.split(one.message, '\n')[1])
end

vim.api.nvim_buf_set_text(0, 3, 8, 3, 12, { 'read' }) -- as the diagnostic says
wait('no error', function() return #errors() == 0 end)
say('fixed')

vim.api.nvim_win_set_cursor(0, { 4, 9 })
local answers = vim.lsp.buf_request_sync(0, 'textDocument/hover', vim.lsp.util.make_position_params(), 20000)
local hover = assert(answers and answers[client.id] and answers[client.id].result, 'no hover')
local contents = type(hover.contents) == 'table' and (hover.contents.value or hover.contents[1]) or hover.contents
say('hover: %s', contents:find('read') and 'of read' or contents)

vim.lsp.buf.formatting_sync(nil, 20000)
say('formatted: %s', vim.api.nvim_buf_get_lines(0, 1, 2, true)[1])
vim.cmd('silent write')

vim.cmd('edit mac.sb')
vim.wait(300)
say('profile: %d clients, file type <%s>', #vim.lsp.buf_get_clients(0), vim.bo.filetype == 'sb' and 'sb' or '')
client.stop()
wait('the end of the client', function() return client.is_stopped() end)
io.stdout:write(table.concat(said, '\n') .. '\n')
vim.cmd('qall!')
