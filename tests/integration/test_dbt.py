"""dbt's own tests of the models' logic, and its pages."""

from tf_pipeline import paths


def test_every_unit_test_of_the_models_passes(loaded_copy, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))
    from tf_pipeline.dbt.runner import invoke

    # raises where one fails, naming it
    results = invoke("test", "--select", "test_type:unit")
    assert len(results) >= 60
    assert {str(result.status) for result in results} == {"pass"}


def test_dbts_pages_are_written_and_describe_every_mart(loaded_copy, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))
    from tf_pipeline.dbt.runner import write_docs

    page = write_docs().read_text("utf-8")
    marts = [path.stem for path in (paths.dbt_dir() / "models/marts").glob("*.sql")]
    assert len(marts) > 10
    assert all(f"model.tf_pipeline.{mart}" in page for mart in marts)
