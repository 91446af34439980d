from django.db import migrations, models
from django.utils import timezone

# What the digests of earlier releases covered.
COVERED = {
    "category": ["slug", "name", "order"],
    "activity": [
        "slug", "title", "category", "targets", "minutes", "places", "dayparts", "limits", "evidence_grade",
        "reference", "doi", "reference_verified", "effect_note", "body", "cooldown_hours", "safety", "review_due",
        "active",
    ],
    "supportcontact": ["slug", "country", "name", "kind", "phone", "url", "how", "verified_on", "source", "order", "active"],
}


def note_what_digests_cover(apps, schema_editor):
    for row in apps.get_model("recommender", "ShippedItem").objects.all():
        row.names = COVERED[row.key.partition(":")[0]]
        row.save(update_fields=["names"])


def keep_first_versions(apps, schema_editor):
    today = timezone.localdate()
    versions = []
    for row in apps.get_model("recommender", "Activity").objects.select_related("category"):
        if row.active:
            row.reviewed_on = min(today, row.review_due)
            row.save(update_fields=["reviewed_on"])
        content = {name: getattr(row, name) for name in COVERED["activity"]}
        content |= {"category": row.category.slug, "translations": {}, "reviewed_on": row.reviewed_on}
        for name in ("review_due", "reviewed_on"):
            content[name] = content[name] and content[name].isoformat()
        versions.append({"slug": row.slug, "number": 1, "content": content, "note": "As it was"})
    kept = apps.get_model("recommender", "ActivityVersion").objects
    kept.bulk_create(kept.model(**version) for version in versions)


class Migration(migrations.Migration):

    dependencies = [
        ('recommender', '0002_versions_and_translations'),
    ]

    operations = [
        migrations.RunPython(note_what_digests_cover, migrations.RunPython.noop),
        migrations.RunPython(keep_first_versions, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('active', False), models.Q(('review_due__gte', models.F('reviewed_on')), ('reviewed_on__isnull', False)), _connector='OR'), name='active_activity_was_reviewed_before_its_review_was_due', violation_error_message='An active activity needs a review date after the day it was looked over.'),
        ),
    ]
