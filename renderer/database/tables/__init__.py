"""The tables. Times are Unix time in milliseconds (`_ms`); a status word is one of `renderer.database.states`.

clips        what was asked for, how far it is, who works on it
clip_events  what happened to a clip, numbered from 1, for whoever watches
renders      files in the clip store; clips with the same plan share one
segments     of a long clip that is filmed by several workers
deliveries   where a clip or the news of it is to go
delivery_steps   what a delivery to a ticket system has done so far
webhooks     endpoints that hear of clips
batches      clips that were asked for together, or sessions to be looked through for them
batch_sessions   of a batch that looks through sessions, each of them
schedules    batches that are made again and again
schedule_sessions   what a schedule has had looked into, so that it is not once more
recordings   which tenant uploaded which recording
suspects     recordings that cost workers their lives
api_keys, share_links, idempotency, audit   who may do what, and who did
workers, duties   who is there to work, and who looks after what
turns        which tenant's clips were worked on last
facts        about the service itself, such as which secret its keys were made under
"""

from renderer.database.tables.access import ApiKey, AuditEntry, Idempotency, ShareLink
from renderer.database.tables.base import Base, table_of
from renderer.database.tables.batches import Batch, BatchSession, Schedule, ScheduleSession
from renderer.database.tables.clips import Clip, ClipEvent, Render, Segment, Suspect
from renderer.database.tables.deliveries import Delivery, DeliveryStep, Webhook
from renderer.database.tables.operation import Duty, ServiceFact, Turn, Worker
from renderer.database.tables.recordings import UploadedRecording

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Base",
    "Batch",
    "BatchSession",
    "Clip",
    "ClipEvent",
    "Delivery",
    "DeliveryStep",
    "Duty",
    "Idempotency",
    "Render",
    "Schedule",
    "ScheduleSession",
    "Segment",
    "ServiceFact",
    "ShareLink",
    "Suspect",
    "Turn",
    "UploadedRecording",
    "Webhook",
    "Worker",
    "table_of",
]
