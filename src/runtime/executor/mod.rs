//! Performs the engine's effects with the cluster, the renderer and the gates.
//!
//! It decides nothing: it does what an effect says and answers with what came of it. A write needs a
//! permit, which is made here only once the cluster has been asked again who it is.

mod effects;
mod hands;
mod helm;
mod pin;
mod pin_undo;
mod prepare;
mod release;
mod release_check;
mod release_fate;
mod release_hooks;
mod release_rollback;
mod release_same;
mod release_stuck;
mod release_told;
mod release_view;
mod requires;
mod review;
mod rollback;
mod shelf;
mod stand_in;

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::{OnceCell, mpsc};

use super::perform::{Context, Perform};
use crate::{
    cluster::{Place, inventory_set},
    diff::{ClusterIdentity, Problem},
    engine::{Author, Effect, Outcome},
    journal::RunFolder,
    object::Digester,
    observed::Observation,
    plan::{Environment, Plan, Step, StepPath},
    registry::Images,
    render::{Renderer, Search},
};

pub(super) use hands::Hands;
pub(super) use helm::{HelmSite, helm_folder};
pub(super) use shelf::Shelf;

/// Performs effects for one run.
pub(in crate::runtime) struct Executor {
    pub(in crate::runtime) plan: Arc<Plan>,
    pub(in crate::runtime) steps: Vec<Step>,
    pub(in crate::runtime) environment: Environment,
    pub(in crate::runtime) hands: Hands,
    pub(in crate::runtime) cluster: ClusterIdentity,
    pub(in crate::runtime) author: Author,
    /// Where programs are looked for.
    pub(in crate::runtime) search: Search,
    /// Looked for once a step needs it.
    pub(in crate::runtime) renderer: OnceCell<Result<Renderer, Problem>>,
    pub(in crate::runtime) digester: Digester,
    pub(in crate::runtime) folder: RunFolder,
    pub(in crate::runtime) observations: Option<mpsc::Sender<Vec<Observation>>>,
    pub(in crate::runtime) shelf: Shelf,
    pub(in crate::runtime) helm: HelmSite,
    /// A rehearsal: the operator's own files stay as they are.
    pub(in crate::runtime) rehearses: bool,
    /// The plan's images in their registries.
    pub(in crate::runtime) images: Arc<Images>,
}

impl Executor {
    /// The executor as the driver calls it.
    pub(in crate::runtime) fn perform(self) -> Perform {
        let executor = Arc::new(self);
        Arc::new(move |effect, context| -> BoxFuture<'static, Outcome> {
            let executor = executor.clone();
            Box::pin(executor.one(effect, context))
        })
    }

    async fn one(self: Arc<Self>, effect: Effect, context: Context) -> Outcome {
        let context = &context;
        let stopped = |problem: Problem| Outcome::Stopped(vec![problem]);
        match effect {
            Effect::Prepare { step, attempt, kind, .. } => {
                match self.propose(&step, kind, context).boxed().await {
                    Ok(prepared) => Outcome::Prepared(self.shelve(attempt, prepared, context)),
                    Err(problems) => Outcome::Unprepared(problems),
                }
            }
            Effect::Review { step, attempt } => self.review(&step, attempt, context).boxed().await,
            Effect::Preserve { attempt, .. } => {
                self.preserve(attempt, context).boxed().await.unwrap_or_else(stopped)
            }
            Effect::Execute { attempt, row, .. } => self
                .execute(attempt, row, context)
                .await
                .unwrap_or_else(|problem| Outcome::RowFailed { row, problem }),
            Effect::Settle { attempt, wave, .. } => match self.settle(attempt, wave, context).boxed().await {
                Ok(()) => Outcome::Settled(wave),
                Err(problems) => Outcome::Stopped(problems),
            },
            Effect::Wait { step, attempt } => match self.wait(&step, attempt, context).boxed().await {
                Ok(()) => Outcome::Ready,
                Err(problems) => Outcome::Stopped(problems),
            },
            Effect::Gate { step, gate, .. } => {
                self.gate(&step, gate, context).boxed().await.unwrap_or_else(stopped)
            }
            Effect::Close { attempt, .. } => {
                self.close(attempt, context).boxed().await.map_or_else(stopped, |()| Outcome::Closed)
            }
            Effect::Inspect { attempt, .. } => {
                self.inspect(attempt, context).boxed().await.unwrap_or_else(stopped)
            }
        }
    }

    fn step(&self, path: &StepPath) -> Result<&Step, Vec<Problem>> {
        self.steps.iter().find(|step| &step.path == path).ok_or_else(|| {
            vec![Problem::new(
                path.to_string(),
                "the plan has no such step any more",
                "look at the plan again",
            )]
        })
    }

    fn inventory_of(&self, step: &Step) -> String {
        inventory_set(&self.plan.name, &self.environment.name, step)
    }

    fn place(&self) -> Place {
        Place { namespace: self.environment.namespace.clone(), folder: self.folder.path().to_owned() }
    }

    fn observe(&self, observation: Observation) {
        if let Some(observations) = &self.observations
            && observations.try_send(vec![observation]).is_err()
        {
            tracing::debug!("the screen is behind; a line of progress is left out");
        }
    }
}
