"""The words of the console that the tests press and read, as its user guide has them in Korean."""

from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Words:
    """What a reader of one language sees."""

    language: str
    select: str
    available: str
    in_use: str
    creating: str
    error: str
    stuck: str
    create: str
    edit: str
    delete: str
    restore: str
    retry: str
    create_snapshot: str
    restore_volume: str
    save: str
    cancel: str
    snapshot_creation: str
    snapshot_editing: str
    snapshot_deletion: str
    volume_restoring: str
    volume_deletion: str
    has_snapshots: str
    is_protected: str
    snapshot_name: str
    volume_name: str
    description: str
    may_be_damaged: str
    data_only: str
    ask: str
    undeletable: str
    name_rule: str
    counter: str
    begun: str
    lost: str
    log_in: str
    token: str
    refused: str
    expired: str
    history: str
    restored: str
    offline: str
    no_room: str

    def __str__(self) -> str:
        """As the tests' ids have it."""
        return self.language


KOREAN = Words(
    language="ko-KR",
    select="{} 선택",
    available="사용 가능",
    in_use="사용중",
    creating="처리중",
    error="에러",
    stuck="삭제 에러",
    create="생성",
    edit="수정",
    delete="삭제",
    restore="복원",
    retry="삭제 재시도",
    create_snapshot="스냅샷 생성",
    restore_volume="VOLUME 복원",
    save="저장",
    cancel="취소",
    snapshot_creation="Snapshot 생성",
    snapshot_editing="Snapshot 수정",
    snapshot_deletion="Snapshot 삭제",
    volume_restoring="Volume 복원",
    volume_deletion="Volume 삭제",
    has_snapshots="스냅샷이 1개 있습니다",
    is_protected="반납보호가 설정되어 있어 삭제할 수 없습니다",
    snapshot_name="Snapshot 이름",
    volume_name="Volume 이름",
    description="설명",
    may_be_damaged="서버에 연결된 볼륨에서 스냅샷을 만들면 일부 데이터가 손상될 수 있습니다",
    data_only="DATA Volume만 가능합니다",
    ask="관리자만 삭제할 수 있습니다. 문의처: {}",
    undeletable="삭제할 수 없는 항목",
    name_rule="3byte 이상 20byte 이내, 영문과 숫자, '-' 만 가능",
    counter="{} / 100 자",
    begun="{} 생성을 시작했습니다.",
    lost="연결이 끊겼습니다.",
    log_in="로그인",
    token="토큰",
    refused="사용할 수 없는 토큰입니다.",
    expired="세션이 만료되었습니다",
    history="이력",
    restored="복원된 Volume",
    offline="Server에 연결되지 않은 상태에서 생성",
    no_room="할당량",
)
ENGLISH = Words(
    language="en-US",
    select="Select {}",
    available="Available",
    in_use="In use",
    creating="Creating",
    error="Error",
    stuck="Deletion failed",
    create="Create",
    edit="Edit",
    delete="Delete",
    restore="Restore",
    retry="Retry deletion",
    create_snapshot="Create snapshot",
    restore_volume="Restore volume",
    save="Save",
    cancel="Cancel",
    snapshot_creation="Create snapshot",
    snapshot_editing="Edit snapshot",
    snapshot_deletion="Delete snapshots",
    volume_restoring="Restore volume",
    volume_deletion="Delete volumes",
    has_snapshots="1 snapshot",
    is_protected="is protected from deletion",
    snapshot_name="Snapshot name",
    volume_name="Volume name",
    description="Description",
    may_be_damaged="parts of the data in a snapshot cut now may be damaged",
    data_only="only a DATA volume will do",
    ask="only an administrator can delete it: ask {}",
    undeletable="These cannot be deleted",
    name_rule="3 to 20 bytes",
    counter="{} / 100 characters",
    begun="{} is being created.",
    lost="The connection is lost.",
    log_in="Log in",
    token="Token",
    refused="The service does not accept this token.",
    expired="Your session has ended",
    history="History",
    restored="Restored volumes",
    offline="Cut while attached to no server",
    no_room="quota",
)

in_both_languages = pytest.mark.parametrize("words", [KOREAN, ENGLISH], ids=str)
