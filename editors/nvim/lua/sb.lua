-- SB for Neovim 0.7 and later: the language server of sbpc, and tree-sitter where its parser was compiled.
--
--   vim.opt.runtimepath:append('/path/to/sbpc/editors/vim')     -- file type, syntax, indent, :compiler sbpc
--   vim.opt.runtimepath:append('/path/to/sbpc/editors/nvim')
--   require('sb').setup({})       -- { cmd = { 'sbpc', 'lsp' }, on_attach = function(client, buffer) ... end, parser = 'sb.so' }
--
-- Seatbelt profiles (.sb as well) never get the file type `sb`, so the server does not see them. Tested by test/editors/nvim_lsp.test.
local M = {}

local options = { cmd = { 'sbpc', 'lsp' } }
local clients = {} -- root folder -> id

-- Where imports are likely to be looked for from: the repository, or the policy's own folder.
local function root_of(buffer)
  local folder = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':p:h')
  local git = vim.fn.finddir('.git', folder .. ';')
  if git == '' then git = vim.fn.findfile('.git', folder .. ';') end
  return git == '' and folder or vim.fn.fnamemodify(git, ':p:s?/$??:h')
end

local function attach(buffer)
  if vim.fn.executable(options.cmd[1]) == 0 then
    if not options.told then
      vim.notify('sb: there is no program `' .. options.cmd[1] .. '`: no diagnostics and completion', vim.log.levels.WARN)
    end
    options.told = true
    return
  end
  local root = root_of(buffer)
  local id = clients[root]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client({
      name = 'sbpc',
      cmd = options.cmd,
      root_dir = root,
      workspace_folders = { { uri = vim.uri_from_fname(root), name = vim.fn.fnamemodify(root, ':t') } },
      on_attach = options.on_attach,
      capabilities = options.capabilities,
    })
    clients[root] = id
  end
  if id then vim.lsp.buf_attach_client(buffer, id) end
end

local function highlight(buffer)
  if not options.parser then return end
  if vim.treesitter.language and vim.treesitter.language.add then
    vim.treesitter.language.add('sb', { path = options.parser })
    vim.treesitter.start(buffer, 'sb')
  else
    vim.treesitter.require_language('sb', options.parser)
    require('vim.treesitter.highlighter').new(vim.treesitter.get_parser(buffer, 'sb'))
  end
end

function M.setup(given)
  options = vim.tbl_extend('force', options, given or {})
  local group = vim.api.nvim_create_augroup('sb', { clear = true })
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = 'sb',
    callback = function(event)
      highlight(event.buf)
      attach(event.buf)
    end,
  })
end

return M
