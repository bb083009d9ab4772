//! The `migrate-tui` binary.

fn main() {}
