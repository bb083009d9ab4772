//! The log: a file in the state folder, never the screen.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// kube's client logs whole bodies that it cannot decode, a Secret's values included, and every 500 as an
/// error of its own, which server-side apply answers to a mistake in a manifest: nothing of it.
const DEFAULT_FILTER: &str = "warn,migrate_tui=info,kube_client=off,hyper=error,rustls=error";

/// Starts logging into `logs/` under the state folder, a file a day, seven kept. The guard flushes what
/// is still buffered when it is dropped. Without a place to write there is no log, and no complaint.
#[must_use]
pub(super) fn start(state: &Path) -> Option<WorkerGuard> {
    std::fs::create_dir_all(state.join("logs")).ok()?;
    let appender = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("migrate-tui")
        .filename_suffix("log")
        .max_log_files(7)
        .build(state.join("logs"))
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let filter = EnvFilter::new(DEFAULT_FILTER);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).try_init().ok()?;
    Some(guard)
}
