use std::{env, fs, net, process, thread, time};
fn main() {
    let what = env::args().nth(1).unwrap_or("work".into());
    let failed = match what.as_str() {
        "work" => {
            let threads: Vec<_> = (0..4u64).map(|n| thread::spawn(move || { thread::sleep(time::Duration::from_millis(1)); (0..1_000_000u64).map(|k| k % (n + 1)).sum::<u64>() })).collect();
            let sum: u64 = threads.into_iter().map(|t| t.join().unwrap()).sum();
            println!("sum {} lines {}", sum, fs::read_to_string("/etc/passwd").unwrap().lines().count());
            let _ = std::collections::HashMap::from([(1, time::Instant::now())]);
            None
        }
        "write" => fs::write("x", "y").err(),
        "name" => fs::create_dir("x").err(),
        "socket" => net::TcpListener::bind("127.0.0.1:0").err(),
        _ => process::Command::new("/bin/true").status().err(),
    };
    if let Some(e) = failed { println!("{e}"); process::exit(1) }
}
