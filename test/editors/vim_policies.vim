" For every policy of $SB_POLICIES (of policies.py): the runs of one syntax group, as JSON to $SB_OUT. See vim_policies.py.
set nomore
let groups = {}
for policy in json_decode(join(readfile($SB_POLICIES), "\n"))
  silent execute 'edit!' fnameescape(policy.path)
  let runs = []
  for lnum in range(1, line('$'))
    let text = getline(lnum)
    let [start, stop] = [1, strlen(text)]
    while start <= stop
      let group = synIDattr(synID(lnum, start, 1), 'name')
      let end = start
      while end < stop && synIDattr(synID(lnum, end + 1, 1), 'name') ==# group
        let end += 1
      endwhile
      if group !=# ''
        call add(runs, [lnum, start, end + 1, group])
      endif
      let start = end + 1
    endwhile
  endfor
  let groups[policy.path] = runs
endfor
call writefile([json_encode(groups)], $SB_OUT)
qall!
