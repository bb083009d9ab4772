//! Changes the cluster. In read-only mode there is none.

use kube::{
    api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy},
    core::Request,
};
use serde_json::Value;

use super::{
    Answer, Connection, FIELD_MANAGER, Failure, FailureKind, Permit, Planner, planner, reader, request,
};
use crate::object::{Object, is_secret};

/// Reads, makes dry runs, and writes with a [`Permit`].
#[derive(Clone)]
pub struct Writer {
    planner: Planner,
}

impl Writer {
    /// A writer on a connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { planner: Planner::new(connection) }
    }

    /// Its planner.
    #[must_use]
    pub fn planner(&self) -> &Planner {
        &self.planner
    }

    /// Server-side apply without force, as us. Uid and resourceVersion in the object's metadata are
    /// preconditions: 409 or 422 when they do not hold.
    ///
    /// # Errors
    /// [`Failure`]; [`FailureKind::FieldConflict`] when other managers own fields.
    pub async fn apply(&self, _permit: &Permit, object: &Object) -> Result<Answer, Failure> {
        let parameters = planner::apply_parameters(FIELD_MANAGER, false);
        planner::apply(self.planner.reader(), object, &parameters).await
    }

    /// Server-side apply under another manager's name, with force: only to give back fields that were
    /// taken from it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn apply_as(
        &self,
        _permit: &Permit,
        object: &Object,
        manager: &str,
    ) -> Result<Answer, Failure> {
        planner::apply(self.planner.reader(), object, &planner::apply_parameters(manager, true)).await
    }

    /// A JSON merge patch under a manager's name. Uid and resourceVersion in `patch`'s metadata are
    /// preconditions.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn merge(
        &self,
        _permit: &Permit,
        target: &Object,
        patch: &Value,
        manager: &str,
    ) -> Result<Answer, Failure> {
        let url = self.path_of(target).await?;
        let parameters = PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() };
        let request = Request::new(url)
            .patch(target.name(), &parameters, &Patch::Merge(patch))
            .map_err(|error| reader::unbuilt(&error))?;
        self.send(request, target).await?.answer()
    }

    /// PUT of a whole object. It must carry the live uid and resourceVersion.
    ///
    /// # Errors
    /// [`Failure`]; [`FailureKind::Conflict`] when another version is live.
    pub async fn replace(&self, _permit: &Permit, object: &Object) -> Result<Answer, Failure> {
        let path = self.path_of(object).await?;
        let body = serde_json::to_vec(&object.0).map_err(|error| reader::unbuilt(&error))?;
        let request = Request::new(path)
            .replace(object.name(), &post_parameters(), body)
            .map_err(|error| reader::unbuilt(&error))?;
        self.send(request, object).await?.answer()
    }

    /// POST of a new object.
    ///
    /// # Errors
    /// [`Failure`]; [`FailureKind::Conflict`] when the name is taken.
    pub async fn create(&self, _permit: &Permit, object: &Object) -> Result<Answer, Failure> {
        let path = self.path_of(object).await?;
        let body = serde_json::to_vec(&object.0).map_err(|error| reader::unbuilt(&error))?;
        let request =
            Request::new(path).create(&post_parameters(), body).map_err(|error| reader::unbuilt(&error))?;
        self.send(request, object).await?.answer()
    }

    /// Deletes an object of that uid; false when it was gone already.
    ///
    /// # Errors
    /// [`Failure`]; [`FailureKind::Conflict`] when another object has the name now.
    pub async fn delete(&self, _permit: &Permit, object: &Object, uid: &str) -> Result<bool, Failure> {
        self.delete_as(object, Preconditions { uid: Some(uid.to_owned()), resource_version: None }).await
    }

    /// Deletes an object in the very version that was read; false when it was gone already.
    ///
    /// # Errors
    /// [`Failure`]; [`FailureKind::Conflict`] when another object or another version has the name now.
    pub async fn delete_version(&self, _permit: &Permit, object: &Object) -> Result<bool, Failure> {
        let uid = object.uid().map(str::to_owned);
        let resource_version = object.resource_version().map(str::to_owned);
        self.delete_as(object, Preconditions { uid, resource_version }).await
    }

    async fn delete_as(&self, object: &Object, preconditions: Preconditions) -> Result<bool, Failure> {
        let path = self.path_of(object).await?;
        let parameters = DeleteParams {
            propagation_policy: Some(PropagationPolicy::Background),
            preconditions: Some(preconditions),
            ..DeleteParams::default()
        };
        let request =
            Request::new(path).delete(object.name(), &parameters).map_err(|error| reader::unbuilt(&error))?;
        match self.send(request, object).await {
            Ok(_) => Ok(true),
            Err(failure)
                if matches!(failure.kind, FailureKind::NotFound | FailureKind::NamespaceNotFound) =>
            {
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn path_of(&self, object: &Object) -> Result<String, Failure> {
        let reader = self.planner.reader();
        match reader.resource(object.api_version(), object.kind()).await? {
            Some(resource) => Ok(reader::url_path(&resource, object.namespace())),
            None => Err(Failure::without_answer(
                FailureKind::KindNotServed,
                format!("the cluster does not serve {} ({})", object.kind(), object.api_version()),
            )),
        }
    }

    async fn send(&self, request: http::Request<Vec<u8>>, about: &Object) -> Result<request::Raw, Failure> {
        request::send(&self.planner.reader().connection().client, request, is_secret(about)).await
    }
}

fn post_parameters() -> PostParams {
    PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() }
}
