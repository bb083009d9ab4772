//! What a process holds and has used, as Linux counts it.

use std::fs;

use color_eyre::eyre::{Result, eyre};

/// Resident memory of this process, in MB.
pub fn resident_mb() -> Result<f64> {
    field("VmRSS:")
}

/// The most that it ever was, in MB.
pub fn peak_mb() -> Result<f64> {
    field("VmHWM:")
}

/// Processor time of a process, in milliseconds: user and system, of all its threads.
pub fn processor_millis(process: u32) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let running = text.split_whitespace().next().and_then(|text| text.parse::<f64>().ok());
        nanoseconds += running.ok_or_else(|| eyre!("the kernel keeps no schedstat"))?;
    }
    Ok(nanoseconds / 1_000_000.0)
}

fn field(name: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse().ok());
    kibibytes.map(|kibibytes: f64| kibibytes * 1024.0 / 1e6).ok_or_else(|| eyre!("no {name}"))
}
