//! What must hold before a step counts as done.

use std::{fmt, path::PathBuf};

use super::{Entry, Expectation, Parity, WorkflowGate};

/// Names an object that a gate looks at, in the environment's namespace unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As in `apps/v1`.
    pub api_version: String,
    /// As in `Deployment`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Another namespace, when not the environment's.
    pub namespace: Option<String>,
}

/// What must hold before a step counts as done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// A Deployment, StatefulSet or DaemonSet has finished its rollout.
    Rollout(Target),
    /// A HorizontalPodAutoscaler reads its metrics (`ScalingActive` and a current value for each).
    Autoscaler {
        /// Its name.
        name: String,
    },
    /// An Ingress has an address.
    IngressAddress {
        /// Its name.
        name: String,
    },
    /// A cert-manager Certificate is issued, for every host that an Ingress wants it for.
    Certificate(CertificateWanted),
    /// A condition on any object has the wanted status.
    Condition {
        /// Which object.
        target: Target,
        /// Condition type, as in `Ready`.
        condition: String,
        /// As in `True`.
        status: String,
    },
    /// An HTTP request gets the wanted answer.
    Http {
        /// `http://` or `https://`.
        url: String,
        /// Wanted status code.
        status: u16,
        /// Text that the body must contain.
        contains: Option<String>,
    },
    /// A Service answers a request through the API server's proxy as wanted.
    Service(ServiceRequest),
    /// The old gateway and the new entry answer alike.
    Parity(Parity),
    /// The images of an overlay, or of manifests, are in their registries, for the platforms of the nodes.
    Images {
        /// A folder or a file, relative to the plan's folder.
        path: PathBuf,
    },
    /// A name resolves to the new entry.
    Dns {
        /// The name.
        host: String,
        /// Where it must lead.
        to: Entry,
    },
    /// The pipeline's newest run succeeded.
    Workflow(WorkflowGate),
}

/// Which certificate must be issued, and for whom by whom: another one under that name opens nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateWanted {
    /// Its name.
    pub name: String,
    /// Hosts that it must name, by a wildcard too.
    pub hosts: Vec<String>,
    /// As in `ClusterIssuer/letsencrypt-staging`.
    pub issuer: Option<String>,
}

/// One request to a Service, and the answer that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRequest {
    /// The Service's name.
    pub service: String,
    /// Another namespace, when not the environment's.
    pub namespace: Option<String>,
    /// How the Service is spoken to.
    pub scheme: Scheme,
    /// A number, or a port's name.
    pub port: String,
    /// Begins with `/`; may have a query.
    pub path: String,
    /// Wanted status code.
    pub status: u16,
    /// Text that the body must contain.
    pub contains: Option<String>,
    /// What must hold of the JSON in the body.
    pub json: Vec<Expectation>,
}

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// How a gate is named on screen and in the journal.
impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rollout(target) => write!(f, "rollout of {}/{} complete", target.kind, target.name),
            Self::Autoscaler { name } => write!(f, "HorizontalPodAutoscaler/{name} reads metrics"),
            Self::IngressAddress { name } => write!(f, "Ingress/{name} has an address"),
            Self::Certificate(CertificateWanted { name, hosts, issuer }) => {
                write!(f, "Certificate/{name} is issued")?;
                if !hosts.is_empty() {
                    write!(f, " for {}", hosts.join(", "))?;
                }
                issuer.as_ref().map_or(Ok(()), |issuer| write!(f, " by {issuer}"))
            }
            Self::Condition { target, condition, status } => {
                write!(f, "{}/{} is {condition}={status}", target.kind, target.name)
            }
            Self::Http { url, status, .. } => write!(f, "{url} answers {status}"),
            Self::Parity(parity) => write!(f, "{} and {} answer alike", parity.old, parity.new),
            Self::Images { path } => write!(f, "the images of {} are in their registries", path.display()),
            Self::Dns { host, to } => write!(f, "{host} resolves to {to}"),
            Self::Workflow(gate) => gate.fmt(f),
            Self::Service(request) => {
                let ServiceRequest { service, port, path, status, .. } = request;
                write!(f, "Service/{service}:{port}{path} answers {status}")
            }
        }
    }
}
