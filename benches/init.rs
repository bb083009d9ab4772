//! How long `init` takes to read a compose file and to make the whole tree of it: `cargo bench --bench init`.
//!
//! It ends with 1 when ten times as many services take more than twenty times as long, or 5,000 of them more than ten seconds.

#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints, and nobody uses its items")]

use std::{
    fmt::Write as _,
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use migrate_tui::{
    compose::{Request, read},
    headless::ComposeFolder,
    import::{Options, import},
    scaffold::Tree,
};

/// So many services, each with an anchor's keys, secrets, a volume, and names of others.
fn many(count: usize) -> String {
    let mut text = "x-base: &base\n  restart: always\n  labels: {a: \"1\", b: \"2\"}\nservices:\n".to_owned();
    for index in 0..count {
        let other = (index * 7) % count;
        let link =
            if index > 3 { format!("    links: [\"s{}:peer{index}\"]\n", index - 3) } else { String::new() };
        let _ = write!(
            text,
            "  s{index}:\n    <<: *base\n    image: example/s:{index}\n    ports: [\"{}:80\"]\n    volumes: [\"d{index}:/data\"]\n    \
             networks: [n{}]\n    environment: {{API: \"http://s{other}:80\", APP_TOKEN: \"token-{index}-abcdef\"}}\n    \
             command: [run, --api-key=key-{index}-abcdef, --peer, \"s{other}:80\"]\n{link}",
            1 + index % 60_000,
            index % 20
        );
    }
    text.push_str("volumes:\n");
    for index in 0..count {
        let _ = writeln!(text, "  d{index}: {{}}");
    }
    text.push_str("networks:\n");
    for index in 0..count.min(20) {
        let _ = writeln!(text, "  n{index}: {{}}");
    }
    text
}

/// What it takes, and how many files come of it.
fn measured(count: usize) -> Result<(Duration, usize), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    fs::write(folder.path().join("compose.yaml"), many(count)).map_err(|error| error.to_string())?;
    let request = Request { folder_name: "many".to_owned(), ..Request::default() };
    let start = Instant::now();
    let source = ComposeFolder::new(folder.path(), &request).map_err(|error| error.to_string())?;
    let reading = read(&source, &request).map_err(|refused| format!("{:?}", refused.errors))?;
    let imported =
        import(&reading.project, &Options::default()).map_err(|problems| format!("{problems:?}"))?;
    let files = imported.files.len();
    Tree::new(imported.files).map_err(|problems| format!("{problems:?}"))?;
    Ok((start.elapsed(), files))
}

fn main() -> ExitCode {
    let mut taken = Vec::new();
    for count in [500, 5_000] {
        match measured(count) {
            Ok((time, files)) => {
                println!("{count} services: {files} files in {:.2} s", time.as_secs_f64());
                taken.push(time);
            }
            Err(error) => {
                println!("{count} services: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let is_right = matches!(taken.as_slice(), [small, large] if *large < *small * 20 && *large < Duration::from_secs(10));
    if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
