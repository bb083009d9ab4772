//! Asks the API server what a change would come to. Changes nothing.

use kube::{
    api::{Patch, PatchParams, PostParams, ValidationDirective},
    core::Request,
};

use super::{Answer, Connection, FIELD_MANAGER, Failure, FailureKind, Reader, reader, request};
use crate::object::{Object, is_secret};

/// Reads, and makes dry runs, which need the patch right.
#[derive(Clone)]
pub struct Planner {
    reader: Reader,
}

impl Planner {
    /// A planner on a connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { reader: Reader::new(connection) }
    }

    /// Its reader.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Server-side apply with `dryRun=All`, without force, as `manager`.
    ///
    /// # Errors
    /// [`Failure`], as the real apply would fail (admission runs; quota and pod security mostly pass).
    pub async fn dry_run_apply(&self, object: &Object, manager: &str) -> Result<Answer, Failure> {
        let parameters = PatchParams { dry_run: true, ..apply_parameters(manager, false) };
        apply(&self.reader, object, &parameters).await
    }

    /// The same with force: shows the outcome where other managers own fields. Changes nothing.
    ///
    /// # Errors
    /// As [`Planner::dry_run_apply`], but for field conflicts.
    pub async fn dry_run_forced(&self, object: &Object, manager: &str) -> Result<Answer, Failure> {
        let parameters = PatchParams { dry_run: true, ..apply_parameters(manager, true) };
        apply(&self.reader, object, &parameters).await
    }

    /// A PUT of a whole object with `dryRun=All`. It must carry the live uid and resourceVersion.
    ///
    /// # Errors
    /// [`Failure`], as the real one would fail.
    pub async fn dry_run_replace(&self, object: &Object) -> Result<Answer, Failure> {
        let Some(resource) = self.reader.resource(object.api_version(), object.kind()).await? else {
            return Err(not_served(object));
        };
        let path = reader::url_path(&resource, object.namespace());
        let body = serde_json::to_vec(&object.0).map_err(|error| reader::unbuilt(&error))?;
        let parameters = PostParams { dry_run: true, field_manager: Some(FIELD_MANAGER.to_owned()) };
        let request = Request::new(path)
            .replace(object.name(), &parameters, body)
            .map_err(|error| reader::unbuilt(&error))?;
        request::send(&self.reader.connection().client, request, is_secret(object)).await?.answer()
    }

    /// A dry run under our own name.
    ///
    /// # Errors
    /// As [`Planner::dry_run_apply`].
    pub async fn dry_run(&self, object: &Object) -> Result<Answer, Failure> {
        self.dry_run_apply(object, FIELD_MANAGER).await
    }
}

/// Strict validation: an unknown or duplicate field is refused, not dropped.
pub(super) fn apply_parameters(manager: &str, force: bool) -> PatchParams {
    PatchParams {
        field_manager: Some(manager.to_owned()),
        force,
        field_validation: Some(ValidationDirective::Strict),
        ..PatchParams::default()
    }
}

/// Sends a server-side apply with the given parameters.
pub(super) async fn apply(
    reader: &Reader,
    object: &Object,
    parameters: &PatchParams,
) -> Result<Answer, Failure> {
    let Some(resource) = reader.resource(object.api_version(), object.kind()).await? else {
        return Err(not_served(object));
    };
    let path = reader::url_path(&resource, object.namespace());
    let request = Request::new(path)
        .patch(object.name(), parameters, &Patch::Apply(&object.0))
        .map_err(|error| reader::unbuilt(&error))?;
    request::send(&reader.connection().client, request, is_secret(object)).await?.answer()
}

fn not_served(object: &Object) -> Failure {
    Failure::without_answer(
        FailureKind::KindNotServed,
        format!("the cluster does not serve {} ({})", object.kind(), object.api_version()),
    )
}
