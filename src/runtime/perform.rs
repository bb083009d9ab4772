//! The seam between the driver and what performs its effects.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::engine::{Attempt, Effect, Outcome};

/// What an effect needs to know besides itself.
#[derive(Clone, Debug)]
pub struct Context {
    /// The attempt that it is for, as it stands.
    pub attempt: Attempt,
    /// Rollback: the attempts that it undoes, newest first.
    pub undoes: Vec<Attempt>,
    /// Of a stage: the attempts that will have been undone before, or the applies that are shown and will have
    /// been confirmed before; newest first.
    pub first: Vec<Attempt>,
    /// Rollback: earlier rollbacks of the step that did not come through; their records go as well.
    pub superseded: Vec<Attempt>,
    /// Rollback: those before it, of any step, whose records tell what they have left.
    pub remembering: Vec<Attempt>,
}

impl Context {
    /// Of an attempt by itself.
    #[must_use]
    pub fn alone(attempt: Attempt) -> Self {
        Self { attempt, undoes: vec![], first: vec![], superseded: vec![], remembering: vec![] }
    }
}

/// Performs one effect.
pub type Perform = Arc<dyn Fn(Effect, Context) -> BoxFuture<'static, Outcome> + Send + Sync>;
