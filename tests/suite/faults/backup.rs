//! R19: a backup made while visitors register, and a restore from it.

use crate::support::load::{self, Load};
use crate::support::oracle::{self, judge};
use crate::support::server::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_writes_holds_everything_acknowledged_before_it() {
    let house = House::on_sqlite();
    let _server = house.start().await;
    let form = load::find_form(house.address).await;
    let load = Load::start(house.address, &form, 8);
    load.journal.wait_for(50).await;

    let before = load.journal.acknowledged();
    let backup = house.directory.path().join("backup.file");
    let backup = backup.to_str().unwrap();
    let made = house.run(&["backup", backup]).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let after = load.stop().await;

    let fresh = House::on_sqlite();
    let restored = fresh.run(&["restore", backup]).await;
    assert!(
        restored.status.success(),
        "{}",
        String::from_utf8_lossy(&restored.stderr)
    );
    let stored = oracle::stored(&fresh, &form).await;
    let verdict = judge(&before, &stored, &[]);
    println!(
        "{} acknowledged before the backup, {} in it, {} in the end",
        before.len(),
        stored.len(),
        after.count()
    );
    assert_eq!((verdict.acked_lost, verdict.dup_rows), (0, 0), "{verdict:?}");
    assert!(stored.len() <= oracle::stored(&house, &form).await.len());

    let _server = fresh.start().await;
    assert_eq!(load::find_form(fresh.address).await, form, "the restored house serves");
    let again = fresh.run(&["restore", backup]).await;
    assert_eq!(again.status.code(), Some(1), "only into an empty database");
}
