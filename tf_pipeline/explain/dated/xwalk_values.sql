select distinct
    words.authority,
    concat(words.dataset, '.', words.field, ': ''', words.delivered, ''' is ', words.canonical)
        as says,
    words.valid_from,
    words.valid_to,
    words.reviewed_by,
    words.note,
from words_standing
inner join words using (authority, month, dataset, field, word)
order by all
