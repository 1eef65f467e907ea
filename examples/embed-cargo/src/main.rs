//! count-lines: counts the lines of standard input under a policy that lets it do nothing else.
//!
//!     count-lines < FILE           the number of lines
//!     count-lines --open FILE      tries to open FILE, which the policy denies: it dies of SIGSYS
use std::io::{self, Read, Write};

/// Made by build.rs from policy/count.sb: the program of every machine that the policy is for.
#[allow(dead_code)]
mod policy {
    include!(concat!(env!("OUT_DIR"), "/count.rs"));
}

fn protect() -> io::Result<()> {
    match policy::Count::new().install(policy::Count::FLAGS) {
        Ok(_) => Ok(()),
        Err(error) => Err(io::Error::from_raw_os_error(error.errno())),
    }
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let mut input = io::stdin().lock();
    let mut buffer = vec![0; 65536];
    protect()?;
    if words.len() == 3 && words[1] == "--open" {
        std::fs::File::open(&words[2])?;
    }
    let mut lines = 0;
    loop {
        let got = input.read(&mut buffer)?;
        if got == 0 {
            break;
        }
        lines += buffer[..got].iter().filter(|&&byte| byte == b'\n').count();
    }
    writeln!(io::stdout(), "{lines}")
}
