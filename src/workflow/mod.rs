//! GitHub workflows that build images and deploy them: what is wrong with one that is there ([`lint`]), and one that
//! fits a stack ([`generate`]); and what starting one by hand would send ([`Dispatch`]).
//!
//! Pure. What is known of actions and their versions is data, with dates: `actions.toml`, and the
//! [catalogue](crate::catalogue) for those that never were or have ended.

mod actions;
mod dispatch;
mod facts;
mod generate;
#[cfg(test)]
mod generate_tests;
mod images;
mod kubectl;
mod lint;
#[cfg(test)]
mod lint_tests;
mod read;
mod secrets;
mod shell;
mod structure;

pub use dispatch::{Dispatch, Input, InputSort, NO_WAY_BACK, dispatch_inputs, fill};
pub use generate::{Deploy, Image, generate};
pub use lint::{is_workflow, lint};
