//! What the trials stand on: the cluster, namespaces, the program under test, and waiting.

mod cluster;
mod door;
mod migration;
mod namespace;
pub mod objects;
mod program;
pub mod proxy;
mod run;
mod terminal;
mod wait;

pub use cluster::Cluster;
pub use door::Door;
pub use migration::{Migration, Told};
pub use namespace::Namespace;
pub use program::{Home, Output, Running, finish, kubectl};
pub use run::{run, trial};
pub use terminal::Terminal;
pub use wait::{wait_until, wait_until_within};
