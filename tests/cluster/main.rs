//! Tests on the rehearsal cluster.

fn main() {}
