//! Asks a gate until it holds.

use std::time::Duration;

use tokio::time::Instant;

use super::{GateAnswer, GateKeeper};
use crate::{diff::Problem, plan::Gate};

/// Between two questions. A gate is one object or one URL: asking it twice a second costs less than a
/// watch would, and needs no list right.
const PAUSE: Duration = Duration::from_millis(500);
/// The same for a forge, which counts every question.
const FORGE_PAUSE: Duration = Duration::from_secs(15);

/// A gate that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatePass {
    /// What was seen.
    pub detail: String,
    /// By simulated pods.
    pub simulated: bool,
}

/// Asks a gate until it holds, cannot hold, or the deadline has passed: at least once. `progress` is told why it
/// does not hold yet, whenever that changes.
///
/// # Errors
/// The [`Problem`] that a person must deal with: a refusal at once, or the last reason at the deadline.
pub async fn wait(
    keeper: &GateKeeper,
    gate: &Gate,
    deadline: Duration,
    progress: impl Fn(&str),
) -> Result<GatePass, Problem> {
    let until = Instant::now() + deadline;
    let pause = if matches!(gate, Gate::Workflow(_)) { FORGE_PAUSE } else { PAUSE };
    let mut said = String::new();
    loop {
        match keeper.ask(gate).await {
            GateAnswer::Passed { detail, simulated } => return Ok(GatePass { detail, simulated }),
            GateAnswer::Failed { problem } => return Err(problem),
            GateAnswer::NotYet { reason } => {
                if reason != said {
                    progress(&reason);
                    said = reason;
                }
            }
        }
        if Instant::now() + pause > until {
            let reason = match deadline.as_secs() {
                0 => said,
                seconds => format!("it did not hold within {seconds} s: {said}"),
            };
            return Err(Problem::new(gate.to_string(), reason, remedy(gate)));
        }
        tokio::time::sleep(pause).await;
    }
}

/// What to do about a gate that did not hold in time.
fn remedy(gate: &Gate) -> &'static str {
    match gate {
        Gate::IngressAddress { .. } => {
            "see that its controller runs and publishes an address. On bare metal something must give one: MetalLB or kube-vip for the controller's Service, or the controller's own setting (ingress-nginx: --publish-status-address, Traefik: ingressEndpoint.ip). Then resume; or tick the step with a note of the address that it is reached by, which takes the gate on your word"
        }
        _ => {
            "mend what it names; then ask it again (resume, or verify), or roll back; or go on without it (a step that was applied: tick it with a note, which takes it on your word; a checklist item: skip it with a reason)"
        }
    }
}
