//! The cockpit, as long as it is open.

use tokio::sync::mpsc;

use super::{CockpitError, CockpitEvent, CockpitOptions, Exit, screen::keep_open, state::Cockpit};

/// Opens the cockpit and keeps it open until the operator leaves or a signal comes.
///
/// # Errors
/// [`CockpitError`] when the terminal cannot be used. It has been given back in any case.
pub async fn cockpit(
    options: CockpitOptions,
    events: mpsc::Receiver<CockpitEvent>,
) -> Result<Exit, CockpitError> {
    let (cockpit, reason) = keep_open(|| Cockpit::new(options, events)).await?;
    Ok(cockpit.exit(reason))
}
