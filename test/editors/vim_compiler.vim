" Checks the policy with :make and prints the quickfix list, then the file type of mac.sb. See vim_compiler.test.
set nomore shellpipe=>%s\ 2>&1
compiler sbpc
let out = [expand('%') . ' ' . &filetype]
silent make!
for entry in getqflist()
  if entry.valid
    call add(out, printf('%s:%d:%d: %s %s', bufname(entry.bufnr), entry.lnum, entry.col, entry.type, entry.text))
  endif
endfor
silent edit mac.sb
call add(out, expand('%') . ' <' . (&filetype ==# 'sb' ? 'sb' : '') . '>')
call writefile(out, '/dev/stdout')
qall!
