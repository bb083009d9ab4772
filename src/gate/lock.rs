//! What must hold before a step may be applied: asked once, without waiting.

use std::time::Duration;

use tokio::sync::mpsc;

use super::{GateAnswer, GateKeeper};
use crate::{
    diff::Requirement,
    observed::Observation,
    plan::{Gate, Step},
};

/// Between two questions while nobody waits for the answer.
const PAUSE: Duration = Duration::from_secs(5);

impl GateKeeper {
    /// Asks each gate once.
    pub async fn requirements(&self, gates: &[Gate]) -> Vec<Requirement> {
        let mut asked = Vec::with_capacity(gates.len());
        for gate in gates {
            let (holds, says, simulated) = match self.ask(gate).await {
                GateAnswer::Passed { detail, simulated } => (true, detail, simulated),
                GateAnswer::NotYet { reason } => (false, reason, false),
                GateAnswer::Failed { problem } => (false, problem.reason, false),
            };
            asked.push(Requirement { gate: gate.to_string(), holds, says, simulated });
        }
        asked
    }

    /// What locks each step that requires something, as news.
    pub async fn locks(&self, steps: &[Step]) -> Vec<Observation> {
        let mut news = Vec::new();
        for step in steps.iter().filter(|step| !step.requires.is_empty()) {
            let asked = self.requirements(&step.requires).await;
            let open = asked.into_iter().find(|requirement| !requirement.holds);
            let says = open.map(|requirement| {
                let first = requirement.remedy(step, steps);
                format!("{}; seen: {}; {first}", requirement.gate, requirement.says)
            });
            news.push(Observation::Lock { step: step.path.clone(), says });
        }
        news
    }
}

/// Tells what locks each step, for as long as anyone listens.
pub async fn tell_locks(keeper: GateKeeper, steps: Vec<Step>, news: mpsc::Sender<Vec<Observation>>) {
    if steps.iter().all(|step| step.requires.is_empty()) {
        return;
    }
    while news.send(keeper.locks(&steps).await).await.is_ok() {
        tokio::time::sleep(PAUSE).await;
    }
}
