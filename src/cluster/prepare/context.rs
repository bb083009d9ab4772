//! What a preparation is given, and what it gives.

use super::Promised;
use crate::{
    cluster::Inventory,
    diff::{ClusterIdentity, Kind, Problem, Proposal, Risk, Row},
    object::Digester,
    plan::{Environment, Step},
    rollback::{Image, Leftover, PinOrder, ReleaseOrder},
};

/// What is to be prepared.
pub struct PrepareRequest<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The step.
    pub step: &'a Step,
    /// What it renders to.
    pub rendered: Vec<crate::object::Object>,
    /// The program that rendered it.
    pub renderer: Option<String>,
    /// The run's digests.
    pub digester: &'a Digester,
    /// The cluster that the run is pinned to, as it answers now.
    pub cluster: ClusterIdentity,
    /// kubeconfig context in use.
    pub context: &'a str,
    /// What the step's inventory set holds.
    pub inventory: Inventory,
    /// What the steps before it in the same request will have made.
    pub promised: Promised,
}

/// A proposal with the unmasked objects behind its rows, in the same order.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What is shown.
    pub proposal: Proposal,
    /// What is behind it.
    pub images: Vec<Image>,
    /// What is asked of helm, for a release.
    pub release: Option<ReleaseOrder>,
    /// What becomes of a file, for a pin.
    pub pin: Option<PinOrder>,
    /// Rollback: what others have made because of the step.
    pub leftovers: Vec<Leftover>,
}

impl PrepareRequest<'_> {
    /// A proposal that changes nothing.
    #[must_use]
    pub fn nothing(&self, kind: Kind) -> Prepared {
        self.propose(kind, Vec::new(), Vec::new(), Vec::new(), true)
    }

    /// Puts rows into the order of their waves and binds everything with a digest.
    #[must_use]
    pub fn propose(
        &self,
        kind: Kind,
        mut rows: Vec<(Row, Image)>,
        problems: Vec<Problem>,
        mut risks: Vec<Risk>,
        validated: bool,
    ) -> Prepared {
        rows.sort_by(|(one, _), (two, _)| (one.wave, &one.key).cmp(&(two.wave, &two.key)));
        risks.sort_by_key(|risk| risk.kind.rank());
        let (rows, images): (Vec<Row>, Vec<Image>) = rows.into_iter().unzip();
        let digests: Vec<&str> = rows.iter().map(|row| row.digest.0.as_str()).collect();
        let digest = self.digester.of(&(
            kind,
            &self.step.path,
            &self.environment.name,
            &self.environment.namespace,
            &self.cluster,
            self.step.allow_replace,
            &self.step.acknowledged,
            digests,
        ));
        let proposal = Proposal {
            step: self.step.path.clone(),
            kind,
            environment: self.environment.name.clone(),
            namespace: self.environment.namespace.clone(),
            context: self.context.to_owned(),
            cluster: self.cluster.clone(),
            rows,
            problems,
            risks,
            requires: Vec::new(),
            renderer: self.renderer.clone(),
            leaves: Vec::new(),
            release: None,
            file: None,
            validated,
            digest,
        };
        Prepared { proposal, images, release: None, pin: None, leftovers: Vec::new() }
    }
}
