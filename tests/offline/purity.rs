//! The pure modules stay pure: they name nothing that does I/O, waits, tells the time or talks to a
//! cluster.

use std::{fs, path::Path};

/// Modules that `src/lib.rs` calls pure.
const PURE: [&str; 18] = [
    "catalogue",
    "compose",
    "pin",
    "plan",
    "object",
    "diff",
    "rollback",
    "readiness",
    "observed",
    "engine",
    "overview",
    "report",
    "scaffold",
    "workflow",
    "app",
    "ui",
    "import",
    "words",
];

/// What none of them may name.
const IMPURE: [&str; 13] = [
    "tokio::",
    "kube::",
    "k8s_openapi",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "SystemTime",
    "Instant::",
    "Timestamp::now",
    "Zoned::now",
    "async fn",
];

#[test]
fn pure_modules_name_nothing_impure() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for module in PURE {
        let path = source.join(module);
        assert!(path.exists() || path.with_extension("rs").exists(), "src/{module} is gone");
        look(&path, &mut found);
        look(&path.with_extension("rs"), &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn look(path: &Path, found: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            look(&entry.unwrap().path(), found);
        }
    } else if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
        for (index, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for name in IMPURE.iter().filter(|name| code.contains(*name)) {
                found.push(format!("{}:{}: names {name}", path.display(), index + 1));
            }
        }
    }
}
