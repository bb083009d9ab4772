//! The kubeconfigs of a run, for people, for tests and for the cluster's own parts.

use std::collections::BTreeMap;

use kube::config::{AuthInfo, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};

use super::error::BootError;
use super::folder::RunFolder;
use super::pki::{Pair, Pki};
use super::ports::Ports;

const CLUSTER: &str = "rehearsal";

/// Who can be at the rehearsal cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// May do everything.
    Admin,
    /// May read everything but Secrets.
    Viewer,
    /// May do what a role binding for the user `developer` or the group `developers` says.
    Developer,
}

impl Identity {
    /// Every identity there is.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Viewer, Self::Developer];

    /// The user's name, as the API server knows it.
    #[must_use]
    pub fn user(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
            Self::Developer => "developer",
        }
    }

    /// The context in the run's kubeconfig.
    #[must_use]
    pub fn context(self) -> &'static str {
        match self {
            Self::Admin => CLUSTER,
            Self::Viewer => "rehearsal-viewer",
            Self::Developer => "rehearsal-developer",
        }
    }

    fn group(self) -> &'static str {
        match self {
            Self::Admin => "system:masters",
            Self::Viewer => "viewers",
            Self::Developer => "developers",
        }
    }
}

/// Writes every kubeconfig of a run, and the tokens that the API server takes for its identities.
///
/// Returns the one of the code that boots, whose requests the audit log thus tells from the administrator's.
pub(super) fn write(folder: &RunFolder, pki: &Pki, ports: &Ports) -> Result<Kubeconfig, BootError> {
    let tokens = Identity::ALL.map(|identity| (identity, random_token()));
    let lines: Vec<_> = tokens
        .iter()
        .enumerate()
        .map(|(number, (identity, token))| {
            format!("{token},{},{number},{}\n", identity.user(), identity.group())
        })
        .collect();
    folder.write("pki/tokens.csv", &lines.concat())?;

    let builder = Builder { authority: encode(&pki.authority), ports };
    let users = tokens.map(|(identity, token)| match identity {
        Identity::Admin => (identity, certificate(&pki.admin)),
        Identity::Viewer | Identity::Developer => (identity, bearer(token)),
    });
    let people: Vec<_> =
        users.iter().map(|(identity, user)| (identity.context(), identity.user(), user.clone())).collect();
    folder.write("kubeconfig", &builder.yaml(&people)?)?;
    for (identity, user) in users {
        if identity != Identity::Admin {
            let one = [(identity.context(), identity.user(), user)];
            folder.write(&format!("{}.kubeconfig", identity.user()), &builder.yaml(&one)?)?;
        }
    }
    for (name, pair) in [
        ("kube-controller-manager", &pki.controller_manager),
        ("kube-scheduler", &pki.scheduler),
        ("kwok", &pki.kwok),
        ("metrics-server", &pki.metrics_server),
        ("pebble", &pki.pebble),
        ("cert-manager", &pki.cert_manager),
    ] {
        let yaml = builder.yaml(&[(CLUSTER, name, certificate(pair))])?;
        folder.write(&format!("config/{name}.kubeconfig"), &yaml)?;
    }
    Ok(builder.kubeconfig(&[(CLUSTER, "boot", certificate(&pki.boot))]))
}

struct Builder<'a> {
    authority: String,
    ports: &'a Ports,
}

impl Builder<'_> {
    /// A kubeconfig of `(context, user, credentials)`, the first of which is current.
    fn kubeconfig(&self, users: &[(&str, &str, AuthInfo)]) -> Kubeconfig {
        Kubeconfig {
            api_version: Some("v1".to_owned()),
            kind: Some("Config".to_owned()),
            current_context: users.first().map(|(context, ..)| (*context).to_owned()),
            clusters: vec![NamedCluster {
                name: CLUSTER.to_owned(),
                cluster: Some(Cluster {
                    server: Some(format!("https://127.0.0.1:{}", self.ports.api_server)),
                    certificate_authority_data: Some(self.authority.clone()),
                    ..Cluster::default()
                }),
                other: BTreeMap::default(),
            }],
            contexts: users
                .iter()
                .map(|(context, user, _)| NamedContext {
                    name: (*context).to_owned(),
                    context: Some(Context {
                        cluster: CLUSTER.to_owned(),
                        user: Some((*user).to_owned()),
                        ..Context::default()
                    }),
                    other: BTreeMap::default(),
                })
                .collect(),
            auth_infos: users
                .iter()
                .map(|(_, user, credentials)| NamedAuthInfo {
                    name: (*user).to_owned(),
                    auth_info: Some(credentials.clone()),
                    other: BTreeMap::default(),
                })
                .collect(),
            ..Kubeconfig::default()
        }
    }

    fn yaml(&self, users: &[(&str, &str, AuthInfo)]) -> Result<String, BootError> {
        serde_saphyr::to_string(&self.kubeconfig(users))
            .map_err(|error| BootError::Manifests(error.to_string()))
    }
}

fn certificate(pair: &Pair) -> AuthInfo {
    AuthInfo {
        client_certificate_data: Some(encode(&pair.certificate)),
        client_key_data: Some(encode(&pair.key).into()),
        ..AuthInfo::default()
    }
}

fn bearer(token: String) -> AuthInfo {
    AuthInfo { token: Some(token.into()), ..AuthInfo::default() }
}

/// Base64 as kubeconfigs want it: what k8s-openapi makes of bytes.
pub(super) fn encode(pem: &str) -> String {
    let bytes = k8s_openapi::ByteString(pem.as_bytes().to_vec());
    serde_json::to_value(bytes).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn random_token() -> String {
    let mut bytes = [0; 24];
    // Without randomness from the kernel there are no certificates either, and the boot has ended before.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}
