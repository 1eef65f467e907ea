// Prints the bytes of `quiet`, then runs under `holes`.
mod policy;

use policy::InstallError;
use std::io::Write;
use std::sync::{Arc, Barrier};

const TSYNC: u32 = 1;
const NEW_LISTENER: u32 = 8;

fn can_ask() -> bool {
    std::os::unix::process::parent_id() != u32::MAX // getppid, which `quiet` denies
}

// With TSYNC a thread with a filter of its own is an error, and the policy is in force nowhere else.
fn beside_another() {
    let barrier = Arc::new(Barrier::new(2));
    let theirs = barrier.clone();
    let thread = std::thread::spawn(move || {
        assert_eq!(policy::Quiet::new().install(0), Ok(0));
        theirs.wait();
        theirs.wait();
    });
    barrier.wait();
    match policy::Quiet::new().install(TSYNC) {
        Err(InstallError::Thread(tid)) => assert!(tid > 0 && tid != std::process::id() as i32),
        other => panic!("not an error that names the thread: {:?}", other),
    }
    assert_eq!(policy::Quiet::new().install(TSYNC | NEW_LISTENER), Err(InstallError::Errno(3)), "ESRCH");
    assert!(can_ask());
    barrier.wait();
    thread.join().unwrap();
}

fn main() {
    let quiet = policy::Quiet::new();
    let mut bytes = Vec::new();
    for insn in quiet.insns() {
        bytes.extend_from_slice(&insn.code.to_ne_bytes());
        bytes.extend_from_slice(&[insn.jt, insn.jf]);
        bytes.extend_from_slice(&insn.k.to_ne_bytes());
    }
    std::fs::write("quiet.bin", bytes).unwrap();

    let mut holes = policy::Holes::new();
    assert_eq!(holes.install(0), Err(InstallError::Errno(22)), "no values yet");
    beside_another();
    holes.set_out(1).set_parent(false).set_size(1 << 33);
    assert_eq!(holes.install(policy::Holes::FLAGS), Ok(0));
    std::io::stdout().write_all(b"as it should be\n").unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/null").unwrap();
    assert!(policy::Quiet::new().install(TSYNC | NEW_LISTENER).unwrap() > 2);
    assert!(!can_ask());
    assert_eq!((&full).write(b"x").unwrap_err().raw_os_error(), Some(9), "another descriptor: EBADF");
}
