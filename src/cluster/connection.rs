//! From a kubeconfig to a client, and to the identity of what it reaches.

use std::{path::PathBuf, sync::Arc};

use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig, KubeconfigError},
};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::{Failure, FailureKind, Reader, kinds::Kinds, with_causes};
use crate::diff::{ClusterIdentity, IdentitySource};

/// Which kubeconfig, context and identity; as in kubectl.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// A file; `None` takes `KUBECONFIG` or `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// A context in it; `None` takes the current one.
    pub context: Option<String>,
    /// A user to impersonate.
    pub impersonate: Option<String>,
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The kubeconfig cannot be read, or has no such context, user or cluster.
    #[error("the kubeconfig {place} cannot be used: {reason}")]
    Kubeconfig {
        /// The file, or how it was looked for.
        place: String,
        /// In the library's words.
        reason: String,
    },
    /// Its settings do not make a client.
    #[error("no connection can be made from context {context}: {reason}")]
    Client {
        /// The context.
        context: String,
        /// In the library's words.
        reason: String,
    },
}

impl ConnectError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Kubeconfig { .. } => "check --kubeconfig, --context and KUBECONFIG",
            Self::Client { .. } => "check the context's server, CA and user in the kubeconfig",
        }
    }
}

/// A client, read once from a kubeconfig: a context switched elsewhere changes nothing here.
#[derive(Clone)]
pub struct Connection {
    pub(super) client: Client,
    pub(super) kinds: Kinds,
    config: Config,
    context: String,
    server: String,
    certificate_authority: Option<String>,
    /// The one context of the kubeconfig, for programs; `None` when there was no kubeconfig.
    kubeconfig: Option<Arc<Kubeconfig>>,
}

impl Connection {
    /// Reads the kubeconfig and makes a client. Asks the cluster nothing yet.
    ///
    /// # Errors
    /// [`ConnectError`] when the kubeconfig or the context cannot be used.
    pub async fn open(options: &ConnectOptions) -> Result<Self, ConnectError> {
        let place = options.kubeconfig.as_ref().map_or_else(
            || "from KUBECONFIG or ~/.kube/config".to_owned(),
            |path| path.display().to_string(),
        );
        let unusable = |error: KubeconfigError| ConnectError::Kubeconfig {
            place: place.clone(),
            reason: with_causes(&error),
        };
        let kubeconfig = match &options.kubeconfig {
            Some(path) => Kubeconfig::read_from(path),
            None => Kubeconfig::read(),
        }
        .map_err(unusable)?;
        let context =
            options.context.clone().or_else(|| kubeconfig.current_context.clone()).unwrap_or_default();
        let wanted = KubeConfigOptions { context: options.context.clone(), cluster: None, user: None };
        let own = one_context(&kubeconfig, &context, options.impersonate.as_ref());
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &wanted).await.map_err(unusable)?;
        if options.impersonate.is_some() {
            config.auth_info.impersonate.clone_from(&options.impersonate);
        }
        // kube retries even PATCH silently, for minutes; ours are few and visible.
        config.default_retry = false;
        config.connect_timeout = Some(std::time::Duration::from_secs(10));
        let connection = Self::from_config(config, context)?;
        Ok(Self { kubeconfig: Some(Arc::new(own)), ..connection })
    }

    /// A connection from settings at hand.
    ///
    /// # Errors
    /// [`ConnectError::Client`] when they do not make a client.
    pub fn from_config(config: Config, context: String) -> Result<Self, ConnectError> {
        let server = config.cluster_url.to_string();
        let certificate_authority = config.root_cert.as_ref().map(|certificates| {
            let mut hash = Sha256::new();
            for certificate in certificates {
                hash.update(certificate);
            }
            hex::encode(hash.finalize())
        });
        let client = Client::try_from(config.clone()).map_err(|error| ConnectError::Client {
            context: context.clone(),
            reason: with_causes(&error),
        })?;
        Ok(Self {
            client,
            kinds: Kinds::default(),
            config,
            context,
            server,
            certificate_authority,
            kubeconfig: None,
        })
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The settings that the client was made from.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The context's name.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// A kubeconfig with this context alone, as it was read when the connection was made: what a program
    /// needs to reach this cluster and no other. It may hold credentials.
    ///
    /// # Errors
    /// In words, when there is none or it cannot be written down.
    pub fn kubeconfig(&self) -> Result<String, String> {
        let kubeconfig = self.kubeconfig.as_deref().ok_or("there is no kubeconfig behind the connection")?;
        // JSON is YAML.
        serde_json::to_string(kubeconfig).map_err(|error| error.to_string())
    }

    /// The server's URL.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Which cluster this is: the UID of `kube-system`, or of the given namespace for identities that
    /// may not read that one; with server and CA, since a restored backup has the same UIDs.
    ///
    /// # Errors
    /// [`Failure`] when neither can be read.
    pub async fn identity(&self, namespace: &str) -> Result<ClusterIdentity, Failure> {
        let reader = Reader::new(self.clone());
        let mut failure = None;
        for (name, source) in
            [("kube-system", IdentitySource::KubeSystem), (namespace, IdentitySource::OwnNamespace)]
        {
            match reader.get("v1", "Namespace", None, name).await {
                Ok(Some(object)) => {
                    return Ok(ClusterIdentity {
                        uid: object.uid().unwrap_or_default().to_owned(),
                        source,
                        server: self.server.clone(),
                        certificate_authority: self.certificate_authority.clone(),
                    });
                }
                Ok(None) => {}
                Err(denied) if denied.kind == FailureKind::Forbidden => failure = Some(denied),
                Err(other) => return Err(other),
            }
        }
        Err(failure.unwrap_or_else(|| {
            Failure::without_answer(FailureKind::NotFound, "the cluster has no namespace kube-system")
        }))
    }

    /// Who the API server takes us for (`SelfSubjectReview`); `None` where it does not say.
    pub async fn user(&self) -> Option<String> {
        use k8s_openapi::api::authentication::v1::SelfSubjectReview;
        let reviews: kube::Api<SelfSubjectReview> = kube::Api::all(self.client.clone());
        let parameters = kube::api::PostParams::default();
        let review = SelfSubjectReview::default();
        let asked = reviews.create(&parameters, &review);
        let answer = tokio::time::timeout(std::time::Duration::from_secs(10), asked).await.ok()?.ok()?;
        answer.status?.user_info?.username
    }
}

/// What one context needs, and who is acted as.
fn one_context(whole: &Kubeconfig, context: &str, impersonate: Option<&String>) -> Kubeconfig {
    let named = whole.contexts.iter().find(|named| named.name == context).cloned();
    let inner = named.as_ref().and_then(|named| named.context.clone());
    let cluster = inner.as_ref().map(|inner| inner.cluster.clone());
    let user = inner.and_then(|inner| inner.user);
    let mut auth_infos: Vec<_> =
        whole.auth_infos.iter().filter(|one| Some(&one.name) == user.as_ref()).cloned().collect();
    if let Some(name) = impersonate {
        for info in auth_infos.iter_mut().filter_map(|one| one.auth_info.as_mut()) {
            info.impersonate = Some(name.clone());
        }
    }
    Kubeconfig {
        clusters: whole.clusters.iter().filter(|one| Some(&one.name) == cluster.as_ref()).cloned().collect(),
        contexts: named.into_iter().collect(),
        current_context: Some(context.to_owned()),
        auth_infos,
        ..Kubeconfig::default()
    }
}
