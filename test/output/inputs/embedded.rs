// Prints the bytes of `quiet`, then runs under `holes`.
mod policy;

use std::io::Write;

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
    assert_eq!(holes.install(0), Err(22), "no values yet");
    holes.set_out(1).set_parent(false).set_size(1 << 33);
    assert_eq!(holes.install(policy::Holes::FLAGS), Ok(0));
    std::io::stdout().write_all(b"as it should be\n").unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/null").unwrap();
    assert_eq!((&full).write(b"x").unwrap_err().raw_os_error(), Some(9), "another descriptor: EBADF");
}
