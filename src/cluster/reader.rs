//! Reads, and nothing else.

use kube::{
    api::{GetParams, ListParams},
    core::{DynamicObject, Request, Resource as _},
};
use serde_json::Value;

use super::{Connection, Failure, FailureKind, Resource, Served, request};
use crate::object::{Key, Object};

/// Reads objects.
#[derive(Clone)]
pub struct Reader {
    connection: Connection,
}

/// Whole objects, or their metadata alone?
#[derive(Clone, Copy)]
enum Whole {
    Yes,
    No,
}

/// Objects a page of a list.
const PAGE: u32 = 500;

impl Reader {
    /// A reader on a connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How the cluster serves a kind; `None` when it does not.
    ///
    /// # Errors
    /// [`Failure`] when the cluster cannot be asked.
    pub async fn resource(&self, api_version: &str, kind: &str) -> Result<Option<Resource>, Failure> {
        self.connection.kinds.resolve(&self.connection.client, api_version, kind).await
    }

    /// Every kind that can be listed, in its preferred version.
    ///
    /// # Errors
    /// [`Failure`] when the cluster cannot be asked.
    pub async fn listable_resources(&self) -> Result<Vec<Resource>, Failure> {
        self.connection.kinds.listable(&self.connection.client).await
    }

    /// The cluster's version and everything that it serves.
    ///
    /// # Errors
    /// [`Failure`] when the cluster cannot be asked.
    pub async fn served(&self) -> Result<Served, Failure> {
        super::kinds::served(&self.connection.client).await
    }

    /// One object; `None` when it, its namespace or its kind is not there.
    ///
    /// # Errors
    /// [`Failure`] for anything but a 404.
    pub async fn get(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Object>, Failure> {
        self.one((api_version, kind), namespace, name, Whole::Yes).await
    }

    /// A Secret's metadata alone: nothing that it holds comes over the wire.
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub(super) async fn bare_secret(
        &self,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Object>, Failure> {
        let mut found = self.one(("v1", "Secret"), namespace, name, Whole::No).await?;
        if let Some(Object(Value::Object(map))) = &mut found {
            map.extend([("apiVersion".to_owned(), "v1".into()), ("kind".to_owned(), "Secret".into())]);
        }
        Ok(found)
    }

    async fn one(
        &self,
        (api_version, kind): (&str, &str),
        namespace: Option<&str>,
        name: &str,
        whole: Whole,
    ) -> Result<Option<Object>, Failure> {
        let Some(resource) = self.resource(api_version, kind).await? else {
            return Ok(None);
        };
        let request = Request::new(url_path(&resource, namespace));
        let request = match whole {
            Whole::Yes => request.get(name, &GetParams::default()),
            Whole::No => request.get_metadata(name, &GetParams::default()),
        };
        let request = request.map_err(|error| unbuilt(&error))?;
        match request::send(&self.connection.client, request, kind == "Secret").await {
            Ok(raw) => Ok(Some(raw.answer()?.object)),
            Err(failure)
                if matches!(
                    failure.kind,
                    FailureKind::NotFound | FailureKind::NamespaceNotFound | FailureKind::KindNotServed
                ) =>
            {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The object of that key; `None` as in [`Reader::get`].
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub async fn by_key(&self, api_version: &str, key: &Key) -> Result<Option<Object>, Failure> {
        self.get(api_version, &key.kind, key.namespace.as_deref(), &key.name).await
    }

    /// The live version of an object: same kind, namespace and name.
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub async fn live(&self, object: &Object) -> Result<Option<Object>, Failure> {
        self.get(object.api_version(), object.kind(), object.namespace(), object.name()).await
    }

    /// All objects of a kind in a namespace (or the cluster), page by page, optionally with a label
    /// selector. Each has `apiVersion` and `kind` filled in, which lists leave out.
    ///
    /// # Errors
    /// [`Failure`]; [`FailureKind::KindNotServed`] when the cluster does not serve the kind.
    pub async fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        selector: Option<&str>,
    ) -> Result<Vec<Object>, Failure> {
        let mut parameters = ListParams::default().limit(PAGE);
        parameters.label_selector = selector.map(str::to_owned);
        let mut objects = Vec::new();
        loop {
            let (page, more) = self.page(api_version, kind, namespace, &parameters, Whole::Yes).await?;
            objects.extend(page);
            match more {
                Some(token) => parameters.continue_token = Some(token),
                None => return Ok(objects),
            }
        }
    }

    /// What [`Reader::list`] lists, of each object its metadata alone: no Secret's value comes over the wire.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub(super) async fn list_metadata(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        selector: &str,
    ) -> Result<Vec<Object>, Failure> {
        let mut parameters = ListParams::default().limit(PAGE).labels(selector);
        let mut objects = Vec::new();
        loop {
            let (page, more) = self.page(api_version, kind, namespace, &parameters, Whole::No).await?;
            objects.extend(page);
            match more {
                Some(token) => parameters.continue_token = Some(token),
                None => return Ok(objects),
            }
        }
    }

    /// All objects of a kind in a namespace (or the cluster), unless there are more than `most`.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub(super) async fn list_at_most(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        most: u32,
    ) -> Result<Option<Vec<Object>>, Failure> {
        let parameters = ListParams::default().limit(most);
        let (objects, more) = self.page(api_version, kind, namespace, &parameters, Whole::Yes).await?;
        Ok(more.is_none().then_some(objects))
    }

    /// One page, and the token of the next.
    async fn page(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        parameters: &ListParams,
        whole: Whole,
    ) -> Result<(Vec<Object>, Option<String>), Failure> {
        let Some(resource) = self.resource(api_version, kind).await? else {
            return Err(Failure::without_answer(
                FailureKind::KindNotServed,
                format!("the cluster does not serve {kind} ({api_version})"),
            ));
        };
        let path = url_path(&resource, namespace);
        let request = match whole {
            Whole::Yes => Request::new(path).list(parameters),
            Whole::No => Request::new(path).list_metadata(parameters),
        };
        let request = request.map_err(|error| unbuilt(&error))?;
        let raw = request::send(&self.connection.client, request, kind == "Secret").await?;
        let mut page = raw.answer()?.object.0;
        let items = match page.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        let objects = items.into_iter().map(|mut item| {
            if let Value::Object(map) = &mut item {
                map.insert("apiVersion".into(), api_version.into());
                map.insert("kind".into(), kind.into());
            }
            Object(item)
        });
        let token = page.pointer("/metadata/continue").and_then(Value::as_str);
        Ok((objects.collect(), token.filter(|token| !token.is_empty()).map(str::to_owned)))
    }
}

/// The path that objects of a kind are under, in a namespace where they live in one.
pub(super) fn url_path(resource: &Resource, namespace: Option<&str>) -> String {
    DynamicObject::url_path(&resource.api, namespace.filter(|_| resource.namespaced))
}

pub(super) fn unbuilt(error: &dyn std::error::Error) -> Failure {
    Failure::without_answer(FailureKind::Invalid, format!("the request cannot be made: {error}"))
}
