" Indents every policy in $SB_FOLDER anew. See indent.py.
set nomore
for path in glob($SB_FOLDER . '/*.sb', 0, 1)
  silent execute 'edit!' fnameescape(path)
  silent normal! gg=G
  silent write
endfor
qall!
