//! Images in a real registry: asked about, pinned in the overlay's file, and taken back.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use k8s_openapi::api::core::v1::Node;
use kube::api::{Api, ListParams};
use libtest_mimic::Trial;
use migrate_tui::pin::ImageName;
use migrate_tui::registry::{AuthFiles, Registries};
use migrate_tui::rehearsal::StandIns;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use serde_json::{Value, json};

use crate::support::objects::deployment;
use crate::support::{Cluster, Migration, Namespace, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "pin::an_overlay_is_pinned_applied_and_taken_back",
            an_overlay_is_pinned_applied_and_taken_back,
        ),
        trial("pin::what_moves_between_stops_it", what_moves_between_stops_it),
        trial("pin::a_killed_pin_is_mended", a_killed_pin_is_mended),
        trial("pin::images_are_asked_about", images_are_asked_about),
        trial("pin::a_rehearsal_only_shows_it", a_rehearsal_only_shows_it),
        trial("pin::the_shipped_images_are_rehearsed", the_shipped_images_are_rehearsed),
    ]
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A stack of one Deployment with two containers, whose images are in the cluster's registry.
struct Stack {
    migration: Migration,
    namespace: Namespace,
    app: ImageName,
    side: ImageName,
    registry: Client,
}

impl Stack {
    async fn new(cluster: &'static Cluster, name: &str) -> Self {
        let namespace = cluster.namespace(name).await;
        let stand_ins = StandIns::of(cluster.run_folder()).unwrap();
        let image = async |kind: &str| {
            let asked = ImageName::parse(&format!("{}-{kind}:1.0", namespace.name()));
            stand_ins.provide_image(&asked).await.unwrap()
        };
        let (app, side) = (image("app").await, image("side").await);
        let steps = [
            ("listed", "manual: {instructions: [Look]}\ngates: [{images: overlay}]"),
            ("overlay", "kustomize: {path: overlay}"),
            ("pin", "pin: {path: overlay}"),
        ];
        let migration = Migration::new(cluster, namespace.name(), &steps);
        let protocol = ClientProtocol::HttpsExcept(vec![cluster.services.registry.clone()]);
        let registry = Client::new(ClientConfig { protocol, ..ClientConfig::default() });
        registry.store_auth_if_needed(&cluster.services.registry, &RegistryAuth::Anonymous).await;
        let stack = Self { migration, namespace, app, side, registry };
        let mut object = deployment("web", "app", &[]);
        let containers = object["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap();
        containers.push(json!({"name": "side", "image": stack.side.to_string(),
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}));
        let overlay = stack.migration.folder().join("overlay");
        fs::create_dir(&overlay).unwrap();
        fs::write(overlay.join("web.yml"), object.to_string()).unwrap();
        fs::write(stack.file(), stack.text()).unwrap();
        stack
    }

    fn file(&self) -> PathBuf {
        self.migration.folder().join("overlay/kustomization.yml")
    }

    fn text(&self) -> String {
        format!(
            "# The web, as it runs.\nresources: [web.yml]\nnamespace: {}\nimages:\n  - name: app   # ours\n    newName: {}\n    newTag: \"1.0\"\n\n# The end.\n",
            self.namespace.name(),
            self.app.name
        )
    }

    /// The text with these digests.
    fn pinned(&self, app: &str, side: &str) -> String {
        let with_app = format!("newTag: \"1.0\"\n    digest: {app}\n");
        let entry = format!("  - name: {}\n    newTag: \"1.0\"\n    digest: {side}\n", self.side.name);
        self.text().replace("newTag: \"1.0\"\n", &format!("{with_app}{entry}"))
    }

    fn read(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    /// What a tag names, by the library's own client.
    async fn digest(&self, image: &ImageName) -> String {
        let asked = Registries::new(AuthFiles::at(Vec::new())).ask(&BTreeSet::from([image.clone()])).await;
        asked[image].as_ref().unwrap().digest.clone()
    }

    /// Puts the image that is built for one architecture alone under the tag of an image.
    async fn narrow(&self, image: &ImageName, architecture: &str) -> String {
        let reference: Reference = image.to_string().parse().unwrap();
        let auth = RegistryAuth::Anonymous;
        let (index, _) = self.registry.pull_manifest_raw(&reference, &auth, &[INDEX]).await.unwrap();
        let index: Value = serde_json::from_slice(&index).unwrap();
        let entries = index["manifests"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["platform"]["architecture"] == architecture).unwrap();
        let digest = entry["digest"].as_str().unwrap().to_owned();
        let one = reference.clone_with_digest(digest.clone());
        let (manifest, _) = self.registry.pull_manifest_raw(&one, &auth, &[MANIFEST]).await.unwrap();
        let put = self.registry.push_manifest_raw(&reference, manifest.to_vec(), MANIFEST.parse().unwrap());
        put.await.unwrap();
        digest
    }
}

async fn an_overlay_is_pinned_applied_and_taken_back(cluster: &'static Cluster) {
    let stack = Stack::new(cluster, "pinned").await;
    let (app, side) = (stack.digest(&stack.app).await, stack.digest(&stack.side).await);
    stack.migration.apply("week-1/overlay").await.expect(0);

    let shown = stack.migration.plan("week-1/pin").await.expect(3);
    assert_eq!(shown.changes(), ["change File/overlay/kustomization.yml"]);
    let file = &shown.report["proposals"][0]["file"];
    let difference = file["difference"].as_str().unwrap();
    assert!(difference.contains(&format!("+    digest: {app}\n")), "{difference}");
    assert_eq!(
        difference.lines().filter(|line| line.starts_with('-')).count(),
        1,
        "the header's: {difference}"
    );
    let images: Vec<&str> =
        file["images"].as_array().unwrap().iter().map(|one| one["image"].as_str().unwrap()).collect();
    assert_eq!(images, [stack.app.to_string(), stack.side.to_string()]);
    assert_eq!(file["images"][0]["platforms"], json!(["linux/amd64", "linux/arm64"]));
    assert_eq!(stack.read(), stack.text(), "nothing is written by showing it");

    let refused =
        stack.migration.told(&["apply", "week-1/pin", "--approve", &shown.digest(), "--read-only"]).await;
    assert_ne!(refused.output.code, 0, "{refused:?}");
    assert_eq!(stack.read(), stack.text(), "nor in read-only mode");

    stack.migration.told(&["apply", "week-1/pin", "--approve", &shown.digest()]).await.expect(0);
    assert_eq!(stack.read(), stack.pinned(&app, &side));
    let journal = stack.migration.journal();
    let last =
        journal.iter().rev().map(|entry| &entry["event"]).find(|event| event["type"] == "row-done").unwrap();
    assert_eq!(
        last["uid"].as_str().map(str::len),
        Some(64),
        "a file without a uid would read as deleted: {last}"
    );
    let again = stack.migration.told(&["apply", "week-1/pin"]).await.expect(0);
    assert_eq!(again.changes(), ["same File/overlay/kustomization.yml"]);
    stack.migration.told(&["verify", "week-1/pin"]).await.expect(0);

    let next = stack.migration.plan("week-1/overlay").await.expect(3);
    assert_eq!(next.changes(), ["change Deployment/web"]);
    let fields = next.row("Deployment", "web")["fields"].clone();
    let paths: Vec<&str> =
        fields.as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths.iter().all(|path| path.rsplit('.').next() == Some("image")), "{paths:?}");
    stack.migration.told(&["apply", "week-1/overlay", "--approve", &next.digest()]).await.expect(0);

    let back = stack.migration.rollback("week-1/pin").await.expect(0);
    assert_eq!(back.report["steps"][0]["standing"], "rolled back");
    assert_eq!(stack.read(), stack.text());
}

async fn what_moves_between_stops_it(cluster: &'static Cluster) {
    let stack = Stack::new(cluster, "moved").await;
    let shown = stack.migration.plan("week-1/pin").await.expect(3).digest();
    let narrow = stack.narrow(&stack.app, "arm64").await;
    stack.migration.told(&["apply", "week-1/pin", "--approve", &shown]).await.expect(4);
    assert_eq!(stack.read(), stack.text(), "the tag has moved: nothing is written");

    let shown = stack.migration.plan("week-1/pin").await.expect(3).digest();
    let edited = stack.text().replace("# The end.", "# The very end.");
    fs::write(stack.file(), &edited).unwrap();
    stack.migration.told(&["apply", "week-1/pin", "--approve", &shown]).await.expect(4);
    assert_eq!(stack.read(), edited, "it was edited since: nothing is written");

    stack.migration.apply("week-1/pin").await.expect(0);
    let pinned = stack.read();
    assert!(pinned.contains(&narrow), "{pinned}");
    fs::write(stack.file(), format!("{pinned}# One more.\n")).unwrap();
    let back = stack.migration.rollback("week-1/pin").await.expect(7);
    assert_eq!(back.conflicts(), ["File/overlay/kustomization.yml the file's text"]);
    assert_eq!(stack.read(), format!("{pinned}# One more.\n"), "what was edited stays");

    fs::remove_file(stack.file()).unwrap();
    std::os::unix::fs::symlink(stack.migration.folder().join("overlay/web.yml"), stack.file()).unwrap();
    let linked = stack.migration.plan("week-1/pin").await.expect(5);
    assert!(linked.problems().contains("symbolic link"), "{}", linked.problems());
}

async fn a_killed_pin_is_mended(cluster: &'static Cluster) {
    let stack = Stack::new(cluster, "cut-off").await;
    let (app, side) = (stack.digest(&stack.app).await, stack.digest(&stack.side).await);
    // From the confirmation on, until it is done; then the same on the way back.
    for offset in 4..=8 {
        for (command, over, text) in
            [("apply", "done", stack.pinned(&app, &side)), ("rollback", "rolled back", stack.text())]
        {
            let shown = stack.migration.told(&[command, "week-1/pin"]).await.expect(3).digest();
            let deadly = (stack.migration.journal().len() + offset).to_string();
            let killed = [command, "week-1/pin", "--approve", &shown, "--die-before-entry", &deadly];
            stack.migration.told(&killed).await.expect(-1);
            mend(&stack, command, over).await;
            assert_eq!(stack.read(), text, "{command}, killed before entry {offset} of it");
        }
    }
}

/// Takes the program's offer until the pin is there, or gone.
async fn mend(stack: &Stack, command: &str, over: &str) {
    for _ in 0..3 {
        let status = stack.migration.told(&["status"]).await;
        let steps = status.report["stages"][0]["steps"].as_array().unwrap().clone();
        let pin = steps.iter().find(|step| step["step"] == "week-1/pin").unwrap();
        match pin["standing"].as_str().unwrap() {
            standing if standing == over => return,
            "interrupted" => drop(stack.migration.told(&["resume", "week-1/pin"]).await.expect(0)),
            _ => drop(stack.migration.approved(command, "week-1/pin").await.expect(0)),
        }
    }
    panic!("it comes to no end: {:#?}", stack.migration.journal());
}

async fn images_are_asked_about(cluster: &'static Cluster) {
    let stack = Stack::new(cluster, "asked").await;
    let told = stack.migration.told(&["images"]).await.expect(0);
    let rows = told.report["images"].as_array().unwrap();
    assert_eq!(rows[0]["image"], stack.app.to_string());
    assert_eq!(rows[0]["found"]["digest"], stack.digest(&stack.app).await);
    assert_eq!(rows[0]["usedBy"], json!(["Deployment/web"]));
    assert_eq!(rows[0]["pinned"], false);
    stack.migration.told(&["tick", "week-1/listed"]).await.expect(0);

    let nodes: Api<Node> = Api::all(cluster.client());
    let node = nodes.list(&ListParams::default()).await.unwrap().items.remove(0);
    let here = node.metadata.labels.unwrap()["kubernetes.io/arch"].clone();
    let other = if here == "amd64" { "arm64" } else { "amd64" };
    stack.narrow(&stack.side, other).await;
    let narrow = stack.migration.told(&["verify", "week-1/listed"]).await.expect(6);
    let words = format!("and not for nodes of linux/{here}");
    assert!(narrow.problems().contains(&words), "{}", narrow.problems());

    fs::write(stack.file(), stack.text().replace("newTag: \"1.0\"", "newTag: \"2.0\"")).unwrap();
    let absent = stack.migration.told(&["images", "week-1/overlay"]).await.expect(6);
    assert_eq!(absent.report["images"][0]["refusal"]["sort"], "absent", "{}", absent.report);
    let unpinned = stack.migration.plan("week-1/pin").await.expect(5);
    assert!(unpinned.problems().contains("no such tag"), "{}", unpinned.problems());
}

async fn a_rehearsal_only_shows_it(cluster: &'static Cluster) {
    let stack = Stack::new(cluster, "shown").await;
    let far = stack.text().replace(&stack.app.name, "ghcr.io/acme/far");
    fs::write(stack.file(), &far).unwrap();
    let folder = cluster.run_folder().to_str().unwrap();
    let rehearsed = ["apply", "week-1/pin", "--stand-ins", folder];
    let shown = stack.migration.told(&rehearsed).await.expect(3);
    assert!(shown.report["proposals"][0]["file"]["difference"].as_str().unwrap().contains("+    digest: "));
    assert_eq!(shown.report["proposals"][0]["file"]["images"][1]["standIn"], true, "{}", shown.report);
    stack.migration.told(&[&rehearsed[..], &["--approve", &shown.digest()]].concat()).await.expect(0);
    assert_eq!(stack.read(), far, "a rehearsal leaves the file as it is");
    stack.migration.told(&["verify", "week-1/pin", "--stand-ins", folder]).await.expect(0);
    let back = stack.migration.told(&["rollback", "week-1/pin", "--stand-ins", folder]).await.expect(0);
    assert_eq!(back.changes(), ["same File/overlay/kustomization.yml"]);
    let told = stack.migration.told(&["images", "--stand-ins", folder]).await.expect(0);
    assert_eq!(told.report["images"][1]["found"]["standIn"], true, "{}", told.report);
}

async fn the_shipped_images_are_rehearsed(cluster: &'static Cluster) {
    let shipped = Migration::shipped(cluster, "dev");
    let folder = cluster.run_folder().to_str().unwrap();
    let ticked = shipped.told(&["tick", "week-2/images", "--stand-ins", folder]).await.expect(0);
    assert_eq!(ticked.report["steps"][0]["standing"], "done", "{}", ticked.report);
    let told = shipped.run(&["images", "--stand-ins", folder]).await.expect_success();
    assert!(told.contains("4 images, 4 there, 0 pinned"), "{told}");
    let shown = shipped.told(&["apply", "week-2/digests", "--stand-ins", folder]).await.expect(3);
    let approve = ["apply", "week-2/digests", "--stand-ins", folder, "--approve", &shown.digest()];
    let done = shipped.told(&approve).await.expect(0);
    assert!(done.output.stderr.contains("rehearsed: the file was left as it is"), "{}", done.output.stderr);
}
