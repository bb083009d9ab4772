//! What a step would change, as data: rows, field changes, ownership, risks.
//!
//! Pure: no I/O, no kube types. Everything in a [`Proposal`] is already masked: it may be shown,
//! journalled and written to disk as it is.

mod compare;
mod covered;
mod file;
mod leftovers;
mod lint;
mod overlay;
mod places;
mod proposal;
mod quota;
mod release;
mod requirement;
mod retired;
mod risk_groups;
mod risks;
mod shown;
mod steering;
mod waves;

pub use compare::compare;
pub use covered::uncovered;
pub use file::{FileView, PinnedView};
pub use leftovers::Leftovers;
pub use lint::lint;
pub use overlay::overlay;
pub use places::places;
pub(crate) use proposal::counted;
pub use proposal::{
    Adoption, Change, ClusterIdentity, FieldChange, FieldConflict, IdentitySource, Kind, Problem, Proposal,
    Risk, RiskKind, Row, Summary, Wave,
};
pub use quota::quota_risks;
pub use release::{ChartView, HookView, ReleaseView, RevisionView};
pub use requirement::Requirement;
pub use retired::retired;
pub use risk_groups::{RiskGroup, grouped};
pub use risks::{RiskInput, deletion, risks};
pub use shown::shown_changes;
pub use steering::steered_by;
pub use waves::{delete_wave_of, wave_of};
