" `.sb` is also Apple Seatbelt's ending: those profiles are Scheme, and begin with `(` or `;`.
autocmd BufRead,BufNewFile *.sb if getline(nextnonblank(1)) !~# '^\s*[(;]' | setfiletype sb | endif
