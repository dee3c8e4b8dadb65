-- Health of Mesto's resources for Argo CD, the same for every kind: what the condition Ready says of this generation.
local waiting = { status = "Progressing", message = "The operator has not looked at this generation yet" }
local away = {
  CatalogUnavailable = true,
  BookingUnavailable = true,
  GeoUnavailable = true,
  ScrapydUnavailable = true,
  DeletionWaits = true,
}

if obj.status == nil or obj.status.conditions == nil then
  return waiting
end
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Ready" then
    local message = condition.reason
    if condition.message ~= nil and condition.message ~= "" then
      message = condition.reason .. ": " .. condition.message
    end
    if condition.reason == "Paused" then
      return { status = "Suspended", message = message }
    end
    if condition.observedGeneration ~= obj.metadata.generation then
      return waiting
    end
    if condition.status == "True" then
      return { status = "Healthy", message = message }
    end
    if away[condition.reason] or string.sub(condition.reason, 1, 8) == "Awaiting" then
      return { status = "Progressing", message = message }
    end
    return { status = "Degraded", message = message }
  end
end
return waiting
