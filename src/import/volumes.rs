//! Mounts: claims, memory, files, and what a pod cannot have.

use super::{
    bind::{self, Bound},
    desk::{Desk, some},
    files, folders, names, resources,
    shape::{self, Claim, Kind, Shape, claim_of},
    yaml::{Map, row, text, texts},
};
use crate::compose::{BindSource, Found, Mount, MountSource, Placed, Service};

/// The size of a claim, until a person says.
pub(super) const SIZE: &str = "10Gi";

/// What a container mounts.
#[derive(Clone, Debug, Default)]
pub(super) struct Volumes {
    /// The pod's volumes, by name.
    pub(super) pod: Vec<(String, Map)>,
    /// The container's `volumeMounts`.
    pub(super) mounts: Vec<Map>,
    /// The claim templates of a StatefulSet.
    pub(super) templates: Vec<Map>,
    /// A claim that one pod at a time can have.
    pub(super) is_exclusive: bool,
    targets: Vec<String>,
}

impl Volumes {
    pub(super) fn add(&mut self, name: &str, volume: Map) {
        if !self.pod.iter().any(|(other, _)| other == name) {
            self.pod.push((name.to_owned(), volume));
        }
    }

    /// Adds a mount, unless something is mounted there already.
    pub(super) fn mount(
        &mut self,
        name: &str,
        target: &str,
        sub_path: Option<&str>,
        is_read_only: bool,
    ) -> bool {
        if self.targets.iter().any(|other| other == target) {
            return false;
        }
        self.targets.push(target.to_owned());
        let mut map = Map::new().with("name", name).with("mountPath", text(target));
        if let Some(sub_path) = sub_path {
            map.put("subPath", text(sub_path));
        }
        if is_read_only {
            map.put("readOnly", true);
        }
        self.mounts.push(map.on_one_line());
        true
    }
}

/// The service's mounts.
pub(super) fn of(desk: &mut Desk<'_>, service: &Service, shape: &Shape, replicas: u32) -> Volumes {
    let mut volumes = Volumes::default();
    for placed in &service.mounts {
        let mount = &placed.value;
        match &mount.source {
            MountSource::Tmpfs { size, .. } => {
                let name = local_name(desk, service, shape, &mount.target);
                desk.ledger.mapped(&placed.path, "an emptyDir in memory, which counts towards limits.memory");
                memory(&mut volumes, &name, &mount.target, *size);
            }
            MountSource::Volume(_) => claim(desk, service, shape, replicas, placed, &mut volumes),
            MountSource::Anonymous if claim_of(service, mount).is_some() => {
                claim(desk, service, shape, replicas, placed, &mut volumes);
            }
            MountSource::Anonymous => {
                let name = local_name(desk, service, shape, &mount.target);
                desk.ledger.approximated(
                    &placed.path,
                    "an emptyDir: it is gone with the pod; give it a claim if it must stay",
                );
                volumes.add(&name, Map::new().with("name", &name).with("emptyDir", Map::new()));
                volumes.mount(&name, &mount.target, None, mount.is_read_only);
            }
            MountSource::Bind(source) => match bind::classify(service, mount, source) {
                Bound::Data(_) => {
                    claim(desk, service, shape, replicas, placed, &mut volumes);
                    copied(desk, service, placed, source);
                }
                Bound::Folder(found) => {
                    folders::bound(desk, service, placed, source, found, &mut volumes);
                }
                Bound::Config(content) => {
                    files::bound_text(desk, service, placed, source, content, &mut volumes);
                }
                Bound::ByHand { is_secret } => {
                    files::bound_by_hand(desk, service, placed, source, is_secret, &mut volumes);
                }
                Bound::Sources => desk.ledger.not_mapped(
                    &placed.path,
                    "the image has the program; a folder of sources over it is for developing",
                ),
                Bound::Advice(advice) => desk.ledger.not_mapped(&placed.path, advice),
                Bound::Question(question) => {
                    desk.ledger.not_mapped(
                        &placed.path,
                        "see the question: nothing is mounted there until it is answered",
                    );
                    desk.ask(&service.name, Some(&placed.origin), question, "nothing is mounted there");
                }
            },
            MountSource::Other(kind, _) => {
                desk.ledger.not_mapped(&placed.path, format!("there is no counterpart of a mount of the type {kind}; a PersistentVolume of the right driver may be one"));
            }
        }
    }
    if let Some(size) = &service.shm_size {
        let name = local_name(desk, service, shape, "/dev/shm");
        desk.ledger
            .mapped(&size.path, "an emptyDir in memory at /dev/shm, which counts towards limits.memory");
        memory(&mut volumes, &name, "/dev/shm", Some(size.value));
    }
    files::mounted(desk, service, &mut volumes);
    volumes
}

/// How what is in the folder now comes into its claim.
fn copied(desk: &mut Desk<'_>, service: &Service, placed: &Placed<Mount>, source: &BindSource) {
    if !matches!(source.found, Found::Folder(_)) {
        return;
    }
    let name = desk.names.of(&service.name).to_owned();
    let (written, target) = (source.written.trim_end_matches('/'), placed.value.target.clone());
    let namespace = format!("{}-dev", desk.options.namespace);
    let mut question = format!(
        "does {written} come along? Copy it into the claim once a pod runs: `kubectl -n {namespace} cp {written}/. POD:{target}`, POD being a pod of {name}, and so in each environment"
    );
    if placed.value.is_read_only {
        desk.ledger.approximated(&placed.path, "mounted for writing, so that it can be filled");
        question.push_str("; or take it into the image");
    }
    desk.ask(&service.name, Some(&placed.origin), question, "the claim is empty");
}

/// The name of a volume that is this container's alone.
pub(super) fn local_name(desk: &Desk<'_>, service: &Service, shape: &Shape, target: &str) -> String {
    let own = names::fit(&target.trim_start_matches('/').replace('/', "-"));
    if shape.kind(&service.name) == Kind::Init {
        names::fit(&format!("{}-{own}", desk.names.of(&service.name)))
    } else {
        own
    }
}

fn memory(volumes: &mut Volumes, name: &str, target: &str, size: Option<u64>) {
    let empty = Map::new()
        .with("medium", "Memory")
        .with_some("sizeLimit", size.filter(|size| *size > 0).map(|size| text(resources::bytes(size))));
    volumes.add(name, Map::new().with("name", name).with("emptyDir", empty));
    volumes.mount(name, target, None, false);
}

fn claim(
    desk: &mut Desk<'_>,
    service: &Service,
    shape: &Shape,
    replicas: u32,
    placed: &Placed<Mount>,
    volumes: &mut Volumes,
) {
    let mount = &placed.value;
    // What is read only and has to be filled first is mounted for writing.
    let is_read_only = mount.is_read_only && !matches!(mount.source, MountSource::Bind(_));
    let source = shape::source_of(mount).unwrap_or_default();
    let claim = claim_of(service, mount).unwrap_or_else(|| Claim {
        name: names::fit(source.split(' ').nth(1).unwrap_or("data")),
        source: source.clone(),
    });
    let told = if source.is_empty() {
        format!("the data of {} in {}", service.name, mount.target)
    } else {
        format!("the {source}")
    };
    let sub_path = mount.subpath.clone().or_else(|| own_folder(service, mount));
    let owner = shape.owners_of(&source).next().cloned().unwrap_or_else(|| service.name.clone());
    let is_template = shape.is_own(&claim)
        && shape.kind(&owner) == Kind::StatefulSet
        && desk.project.services.get(&owner).is_some_and(|owner| {
            owner.mounts.iter().any(|mount| claim_of(owner, &mount.value).as_ref() == Some(&claim))
        });
    if is_template {
        let owner = desk.names.of(&owner).to_owned();
        desk.ledger.mapped(
            &placed.path,
            format!("the claim {}-{owner}-0 of the StatefulSet {owner}; its data must be moved", claim.name),
        );
        desk.data.insert(format!("{}-{owner}-0", claim.name), told);
        if owner == desk.names.of(&service.name)
            && !volumes.templates.iter().any(|template| is_named(template, &claim.name))
        {
            volumes.templates.push(template(&claim.name));
        }
        volumes.mount(&claim.name, &mount.target, sub_path.as_deref(), is_read_only);
        return;
    }
    let name = match &mount.source {
        MountSource::Volume(_) => claim.name.clone(),
        _ => names::marked(
            &claim.name,
            &format!("{source}{}", if source.is_empty() { &service.name } else { "" }),
        ),
    };
    let is_many =
        shape.owner_count(&source) > 1 || replicas > 1 || shape.kind(&service.name) == Kind::DaemonSet;
    let is_new = !desk.shared_claims.contains_key(&name);
    *desk.shared_claims.entry(name.clone()).or_default() |= is_many;
    desk.data.insert(name.clone(), told.clone());
    if is_many {
        desk.ledger.approximated(
            &placed.path,
            format!("the claim {name}, which several pods mount (ReadWriteMany); its data must be moved"),
        );
        if is_new {
            desk.ask(&service.name, Some(&placed.origin), format!("which StorageClass has volumes that several nodes mount at once (ReadWriteMany)? {told} is used by several pods of {}", some(shape.owners_of(&source))), "a claim of the default StorageClass, which many clusters cannot meet; an object store or one writer would need none");
        }
    } else {
        volumes.is_exclusive = true;
        desk.ledger.mapped(&placed.path, format!("the claim {name}; its data must be moved"));
    }
    let reference = Map::new().with("claimName", &name);
    volumes.add(&name, Map::new().with("name", &name).with("persistentVolumeClaim", reference));
    volumes.mount(&name, &mount.target, sub_path.as_deref(), is_read_only);
}

fn is_named(template: &Map, name: &str) -> bool {
    *template == self::template(name)
}

/// A database refuses a folder that is not empty, and a fresh volume may have `lost+found` in it.
fn own_folder(service: &Service, mount: &Mount) -> Option<String> {
    let known = shape::known_of(service)?;
    let is_choosy =
        matches!(known.name, "postgres" | "postgis" | "timescaledb" | "pgvector" | "mysql" | "mariadb");
    (is_choosy && mount.target.trim_end_matches('/') == known.data).then(|| "data".to_owned())
}

fn template(name: &str) -> Map {
    Map::new().with("metadata", Map::new().with("name", name)).with("spec", claim_spec("ReadWriteOnce"))
}

/// What a claim asks for.
pub(super) fn claim_spec(mode: &str) -> Map {
    let requests = row([("storage", text(SIZE))]);
    Map::new()
        .with("accessModes", texts([mode]))
        .note("A guess: look at what the old volume holds, and at how it grows.")
        .with("resources", Map::new().with("requests", requests))
}
