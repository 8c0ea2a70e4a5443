"""The plugin, in projects of others: its fixtures work where nothing is set up, and cost nothing where none is used."""

import pytest

from tests.testing.conftest import Run


def test_a_fresh_project_has_a_service_and_clients_of_one_tenant(run: Run) -> None:
    ran = run("""
        def test_they_see_the_same(volume_client, volume_administrator, volume_tenant):
            volume = volume_client.volume()
            asked = "query($id: ID!) { viewer { tenant { id } roles } volume(id: $id) { name } }"
            seen = volume_administrator.ask(asked, id=volume["id"])
            assert seen["volume"] == {"name": "data"}
            assert seen["viewer"] == {"tenant": {"id": volume_tenant}, "roles": ["ADMINISTRATOR", "MEMBER"]}
    """)
    ran.assert_outcomes(passed=1)


def test_no_test_sees_what_another_made_or_planned(run: Run) -> None:
    ran = run("""
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_it_begins_with_nothing(volume_client, turn):
            assert volume_client.ask("{ volumes { totalCount } }") == {"volumes": {"totalCount": 0}}
            volume_client.volume()
            volume_client.sandbox.fail_next("CREATE_VOLUME", times=9)
    """)
    ran.assert_outcomes(passed=2)


def test_the_clients_go_to_a_process_of_its_own_where_a_project_says_so(run: Run) -> None:
    ran = run("""
        import threading

        import pytest

        @pytest.fixture(scope="session")
        def volume_service(volume_service_process):
            return volume_service_process

        def test_it_is_another_process(volume_client):
            assert volume_client.volume()["status"] == "AVAILABLE"
            assert "service" not in {thread.name for thread in threading.enumerate()}
    """)
    ran.assert_outcomes(passed=1)


def test_tests_that_are_coroutines_have_clients_too(run: Run) -> None:
    ran = run("""
        import asyncio

        def test_it_is_awaited(async_volume_client, async_volume_administrator):
            async def test():
                volume = await async_volume_client.volume()
                await async_volume_administrator.do("deleteVolume", id=volume["id"])
                return await async_volume_client.wait_for(volume["id"])

            assert asyncio.run(test()) is None
    """)
    ran.assert_outcomes(passed=1)


@pytest.mark.parametrize("process", [False, True])
def test_a_service_can_be_had_by_settings_and_ends_with_the_run_and_its_folder(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, process: bool
) -> None:
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("temporary")))
    ran = run(f"""
        import tempfile
        from pathlib import Path

        def test_the_second_volume_is_one_too_many(volume_service_factory):
            with volume_service_factory(process={process}, quota_volumes=1).client() as client:
                client.volume()
                answer = client.do("createVolume", name="more", sizeGb=10, product="SSD")
            assert answer["code"] == "QUOTA_EXCEEDED"
            assert list(Path(tempfile.gettempdir()).glob("volume-service-*"))
    """)
    ran.assert_outcomes(passed=1)
    assert not list((pytester.path / "temporary").glob("volume-service-*"))


def test_each_worker_of_xdist_has_a_service_of_its_own(run: Run, pytester: pytest.Pytester) -> None:
    ran = run(
        """
        import os, pathlib

        def test_it_is_somewhere(volume_client):
            volume_client.volume()
            pathlib.Path(os.environ["PYTEST_XDIST_WORKER"]).write_text(volume_client.address)
        """,
        *("-n", "2", "--dist", "each"),
    )
    ran.assert_outcomes(passed=2)
    addresses = {(pytester.path / worker).read_text() for worker in ("gw0", "gw1")}
    assert len(addresses) == 2


def test_what_is_waited_for_in_vain_is_told_with_its_history(run: Run) -> None:
    ran = run("""
        def test_it_waits(volume_client):
            volume_client.sandbox.fail_next("CREATE_VOLUME")
            volume = volume_client.do("createVolume", name="data", sizeGb=10, product="SSD")["volume"]
            volume_client.wait_for(volume["id"], "AVAILABLE", within_s=2)
    """)
    ran.assert_outcomes(failed=1)
    ran.stdout.re_match_lines_random(
        [
            r"E .*NotReached: vol-\w+ is ERROR, not AVAILABLE; its history:",
            r"E .* CREATED  · → CREATING  by tester",
            r"E .* CHANGED  CREATING → ERROR  by storage: the sandbox was told to refuse",
        ]
    )


def test_a_project_that_asks_for_none_of_it_loads_none_of_it_and_may_have_an_app_of_its_own(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.mkpydir("app").joinpath("mine.py").write_text("IT = 'theirs'")
    ran = run("""
        import sys
        from app.mine import IT

        def test_it_is_alone():
            assert IT == "theirs"
            assert not {"httpx", "websockets", "starlette", "graphql", "jwt"} & sys.modules.keys()
    """)
    ran.assert_outcomes(passed=1)
