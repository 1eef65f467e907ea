//! Compiles the policy to a module, again when it or a file that it imports has changed. SBPC names another compiler.
use std::{env, fs, path::Path, process::Command};

fn main() {
    let out = env::var("OUT_DIR").unwrap();
    let module = Path::new(&out).join("count.rs");
    let rule = Path::new(&out).join("count.d");
    let sbpc = env::var("SBPC").unwrap_or("sbpc".into());
    let status = Command::new(&sbpc)
        .args(["policy/count.sb", "--kernel", "6.12", "--emit"])
        .arg(format!("rust={}", module.display()))
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
