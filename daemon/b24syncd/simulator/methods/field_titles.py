"""What the fields of items are called, in English and in Russian.

Sources: php modules/crm/lib/Service/Factory.php `getFieldCaption` (the title of the column, else the name of the field
in capitals), lib/Model/FieldRepository.php and the tables of the types (which message is the title of which column).
Where a type calls a field otherwise than the others, its number stands before the name.
"""

from __future__ import annotations

_TITLES = """
title: Name / Название
name: First name / Имя
secondName: Middle Name / Отчество
lastName: Last name / Фамилия
honorific: Salutation / Обращение
birthdate: Date of birth / Дата рождения
post: Position / Должность
companyTitle: Company name / Название компании
sourceId: Source / Источник
sourceDescription: Source information / Дополнительно об источнике
stageId: Stage / Стадия
previousStageId: Previous stage / Предыдущая стадия
stageSemanticId: Stage group / Группа стадии
statusDescription: Status information / Дополнительно о статусе
categoryId: Pipeline / Воронка
3.categoryId: Category / Категория
4.categoryId: Category / Категория
currencyId: Currency / Валюта
isManualOpportunity: Amount calculation mode / Режим расчёта суммы
opportunity: Amount / Сумма
taxValue: Tax total / Сумма налога
opened: Available to everyone / Доступно для всех
comments: Comment / Комментарий
hasPhone: Has phone / Задан телефон
hasEmail: Has email / Задан e-mail
hasImol: Has Open Channel / Задана открытая линия
assignedById: Responsible person / Ответственный
createdBy: Created by / Кем создан
updatedBy: Updated by / Кем обновлён
movedBy: Moved by / Кем передвинут
lastActivityBy: Last timeline activity by / Кем осуществлена последняя активность в таймлайне
createdTime: Created on / Когда создан
updatedTime: Updated on / Когда обновлён
movedTime: Moved on / Когда передвинут
2.createdBy: Created by / Кем создана
2.updatedBy: Updated by / Кем обновлена
2.movedBy: Moved by / Кем передвинута
2.createdTime: Date created / Когда создана
2.updatedTime: Date updated / Когда обновлена
4.createdBy: Created by / Кем создана
4.updatedBy: Updated by / Кем обновлена
4.createdTime: Date created / Когда создана
4.updatedTime: Date updated / Когда обновлена
lastActivityTime: Last updated on / Активность
companyId: Company / Компания
contactId: Contact / Контакт
leadId: Lead / Лид
quoteId: Quote / Предложение
mycompanyId: Your company details / Реквизиты вашей компании
originatorId: External source / Внешний источник
originId: Item ID in data source / Идентификатор элемента во внешнем источнике
originVersion: Original version / Версия оригинала
webformId: Created by CRM form / Создано CRM-формой
observers: Observers / Наблюдатели
locationId: Location / Местоположение
xmlId: External ID / Внешний код
begindate: Started on / Дата начала
closedate: Finished on / Дата завершения
31.begindate: Invoice date / Дата выставления
31.closedate: Pay before / Срок оплаты
accountNumber: Invoice # / Номер счёта
1.isReturnCustomer: Repeat lead / Повторный лид
dateClosed: Closed on / Дата закрытия
2.typeId: Type / Тип сделки
3.typeId: Contact type / Тип контакта
4.typeId: Company type / Тип компании
isNew: New deal / Новая сделка
isRecurring: Recurring deal / Регулярная сделка
2.isReturnCustomer: Repeat deal / Повторная сделка
isRepeatedApproach: Repeat inquiry / Повторное обращение
probability: Probability, % / Вероятность,%
closed: Closed / Сделка закрыта
additionalInfo: Additional information / Дополнительная информация
logo: Logo / Логотип
bankingDetails: Payment details / Банковские реквизиты
industry: Industry / Сфера деятельности
employees: Employees / Кол-во сотрудников
revenue: Annual revenue / Годовой оборот
photo: Photo / Фотография
export: Export / Участвует в экспорте
utmSource: UTM Source
utmMedium: UTM Medium
utmCampaign: UTM Campaign
utmContent: UTM Content
utmTerm: UTM Term
"""
_KNOWN = {name: titles.split(" / ") for name, _, titles in (line.partition(": ") for line in _TITLES.split("\n"))}


def title_of(entity_type_id: int, name: str, upper: str, language: str) -> str:
    """Return what a field is called; one without a title goes by its upper-case name."""
    titles = _KNOWN.get(f"{entity_type_id}.{name}") or _KNOWN.get(name) or [upper]
    return titles[-1] if language == "ru" else titles[0]
