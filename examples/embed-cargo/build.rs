//! Compiles the policy for the machine that is built for, again when it or a file that it imports has changed. SBPC names another compiler.
use std::{env, fs, path::Path, process::Command};

fn main() {
    let out = env::var("OUT_DIR").unwrap();
    let program = Path::new(&out).join("count.bpf");
    let rule = Path::new(&out).join("count.d");
    let sbpc = env::var("SBPC").unwrap_or("sbpc".into());
    let status = Command::new(&sbpc)
        .args(["policy/count.sb", "--kernel", "6.12", "--target"])
        .arg(env::var("CARGO_CFG_TARGET_ARCH").unwrap())
        .arg("-o")
        .arg(&program)
        .arg("-MF")
        .arg(&rule)
        .status()
        .unwrap_or_else(|error| panic!("cannot run `{sbpc}`: {error}; install sbpc or name it in SBPC"));
    assert!(status.success(), "the policy does not compile");

    println!("cargo:rerun-if-env-changed=SBPC");
    // "OUT: \\\n  FILE \\\n  FILE\n"
    for line in fs::read_to_string(&rule).unwrap().lines().skip(1) {
        println!("cargo:rerun-if-changed={}", line.trim().trim_end_matches(" \\").replace("\\ ", " "));
    }
}
