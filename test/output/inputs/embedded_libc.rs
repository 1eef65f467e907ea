// The module beside the libc crate: its instructions handed to libc's own prctl and seccomp.
mod policy;

fn main() {
    let quiet = policy::Quiet::new();
    let filter: Vec<libc::sock_filter> =
        quiet.insns().iter().map(|i| libc::sock_filter { code: i.code, jt: i.jt, jf: i.jf, k: i.k }).collect();
    assert_eq!(std::mem::size_of::<policy::Insn>(), std::mem::size_of::<libc::sock_filter>());
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr() as *mut _ };
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        assert_eq!(libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &program), 0);
        assert_eq!(libc::getppid(), -1);
    }
    let mut holes = policy::Holes::new();
    holes.set_out(1).set_parent(true).set_size(3);
    assert_eq!(holes.install(0), Ok(0));
    println!("as it should be");
}
