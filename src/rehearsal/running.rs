//! A running rehearsal cluster, as the rest of the program sees it.

use std::path::PathBuf;
use std::time::Duration;

use super::error::BootError;
use super::folder::RunFolder;
use super::parts::Parts;
use super::services::Services;

/// A booted cluster. It runs as long as this value lives; [`Rehearsal::shut_down`] is the tidy end,
/// and dropping it (or dying with it) ends the processes but leaves the folder to the next boot.
#[derive(Debug)]
pub struct Rehearsal {
    // Before the folder, so that on a drop the parts end before the folder's lock is released.
    parts: Parts,
    folder: RunFolder,
    services: Services,
    boot_time: Duration,
}

impl Rehearsal {
    pub(super) fn new(folder: RunFolder, parts: Parts, services: Services, boot_time: Duration) -> Self {
        Self { parts, folder, services, boot_time }
    }

    /// The run's files: kubeconfigs, audit log, logs.
    #[must_use]
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// The administrator's kubeconfig, with the other identities as further contexts.
    #[must_use]
    pub fn kubeconfig_path(&self) -> PathBuf {
        self.folder.kubeconfig_path()
    }

    /// What there is beside the cluster.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// How long the boot took.
    #[must_use]
    pub fn boot_time(&self) -> Duration {
        self.boot_time
    }

    /// The ids of the cluster's processes.
    #[must_use]
    pub fn process_ids(&self) -> Vec<u32> {
        self.parts.process_ids()
    }

    /// Waits until one of the cluster's processes ends by itself, which none should.
    pub async fn breakdown(&mut self) -> BootError {
        self.parts.first_death().await
    }

    /// Ends every process and removes the run's folder.
    pub async fn shut_down(mut self) {
        self.parts.end().await;
        self.folder.remove();
    }
}
