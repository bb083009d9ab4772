//! The rehearsal cluster: a real Kubernetes control plane on loopback, built once and booted at will.
//!
//! This module is the only code that knows how that cluster is built, booted, fed and stopped. The
//! rest of the program gets a kubeconfig from it, as it would for any other cluster, and must never
//! take a rehearsal for a special case: what works here must work there.
//!
//! Nodes and pods are simulated (kwok); everything else is the real thing, what stands beside the cluster
//! ([`Services`]: helm, an OCI registry, cert-manager's controller, an ACME server) included. All of it dies with the
//! process that booted it, however that one ends: each part exits when its standard input does.

mod boot;
mod build;
mod cache;
mod charts;
pub mod command;
mod error;
mod flags;
mod folder;
mod images;
mod keeper;
mod kit;
mod kubeconfig;
mod manifests;
mod module;
mod parts;
mod pki;
mod ports;
mod progress;
mod ready;
mod running;
mod services;
mod stand_ins;
mod wait;

pub use boot::{BootOptions, boot};
pub use build::{Builder, ensure_built};
pub use error::{BootError, BuildError, RehearsalError};
pub use folder::RunFolder;
pub use keeper::{Kept, keep, own_kept, stop_kept};
pub use kubeconfig::Identity;
pub use progress::Progress;
pub use running::Rehearsal;
pub use services::Services;
pub use stand_ins::StandIns;
