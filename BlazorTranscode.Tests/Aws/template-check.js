// Holds a CloudFormation template (YAML) against AWS's own resource specification: types, properties down to the innermost, required ones,
// values, and whatever Ref, GetAtt, Sub, If, Condition and DependsOn point at. Prints the mistakes, one string each.
const fs = require('fs'), [folder, file] = process.argv.slice(2);
const { ResourceTypes, PropertyTypes } = require(folder + '/node_modules/@aws-cdk/cfnspec').specification();
const yaml = require(folder + '/node_modules/yaml');

const mistakes = [], complain = (path, text) => { mistakes.push(`${path}: ${text}`); };
const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);

// The short form !Sub as the long one Fn::Sub.
const plain = node => {
  const value = yaml.isMap(node) ? Object.fromEntries(node.items.map(pair => [pair.key.value, plain(pair.value)]))
    : yaml.isSeq(node) ? node.items.map(plain) : node?.value ?? null;
  const name = /^!(\w+)$/.exec(node?.tag ?? '')?.[1];
  return name ? { [/^(Ref|Condition)$/.test(name) ? name : 'Fn::' + name]: value } : value;
};
const text = fs.readFileSync(file, 'utf8'), source = yaml.parseDocument(text), template = plain(source.contents);
source.errors.forEach(error => complain('YAML', error.message));

const sections = ['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Mappings', 'Conditions', 'Resources', 'Outputs'];
const attributes = ['Type', 'Properties', 'DependsOn', 'Condition', 'DeletionPolicy', 'UpdateReplacePolicy', 'Metadata'];
const functions = ['Ref', 'Condition', ...['Sub', 'GetAtt', 'If', 'Not', 'Equals', 'And', 'Or', 'Join', 'Select', 'Split'].map(name => 'Fn::' + name)];
const pseudo = ['AccountId', 'NoValue', 'NotificationARNs', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map(name => 'AWS::' + name);
const { Parameters = {}, Conditions = {}, Resources = {}, Outputs = {} } = template;

const functionOf = value => isObject(value) && Object.keys(value).length === 1 ? functions.find(name => name in value) : undefined;
const known = (name, where, what, path) => { if (!(name in where)) complain(path, `there is no ${what} ${name}`); };
const ref = (name, path) => { if (!pseudo.includes(name)) known(name, { ...Parameters, ...Resources }, 'parameter or resource', path); };
const getAtt = (name, path) => {
  const [resource, ...attribute] = name.split('.'), type = Resources[resource]?.Type;
  known(resource, Resources, 'resource', path);
  if (type in ResourceTypes) known(attribute.join('.'), ResourceTypes[type].Attributes ?? {}, `attribute of ${type}`, path);
};

// Everything that points somewhere, wherever it stands. Below the properties a Condition is a policy's and not ours.
const checkReferences = (value, path, ours) => {
  if (!isObject(value) && !Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = `${path}.${key}`;
    if (key === 'Ref') ref(inner, at);
    else if (key === 'Fn::GetAtt') getAtt([inner].flat().join('.'), at);
    else if (key === 'Fn::If') known(inner[0], Conditions, 'condition', at);
    else if (key === 'Condition' && ours) known(inner, Conditions, 'condition', at);
    else if (key === 'Fn::Sub') {
      const [pattern, own] = Array.isArray(inner) ? inner : [inner, {}];
      for (const [, name] of pattern.matchAll(/\$\{([^!}][^}]*)\}/g)) if (!(name in own)) (name.includes('.') ? getAtt : ref)(name, at);
    }
    else if (key.startsWith('Fn::') && !functions.includes(key)) complain(at, 'there is no such function');
    checkReferences(inner, at, ours && key !== 'Properties');
  }
};

const primitives = {
  String: value => ['string', 'number', 'boolean'].includes(typeof value), Boolean: value => /^(true|false)$/.test(value), Json: value => isObject(value) || typeof value === 'string',
  Integer: value => /^-?\d+$/.test(value), Long: value => /^-?\d+$/.test(value), Double: value => value !== '' && !isNaN(value), Timestamp: value => !isNaN(Date.parse(value)),
};
const checkValue = (value, spec, owner, path) => {
  const used = functionOf(value);
  if (used === 'Fn::If') value['Fn::If'].slice(1).forEach(branch => checkValue(branch, spec, owner, path));
  else if (used) return;
  else if (spec.PrimitiveType) { if (!primitives[spec.PrimitiveType](value)) complain(path, `is not of the type ${spec.PrimitiveType}`); }
  else if (spec.Type === 'List' || spec.Type === 'Map') {
    if (spec.Type === 'List' ? !Array.isArray(value) : !isObject(value)) complain(path, `is not a ${spec.Type}`);
    else Object.entries(value).forEach(([key, item]) => checkValue(item, { Type: spec.ItemType, PrimitiveType: spec.PrimitiveItemType }, owner, `${path}.${key}`));
  }
  else {
    const type = PropertyTypes[`${owner}.${spec.Type}`] ?? PropertyTypes[spec.Type];
    if (type.Properties) checkProperties(value, type.Properties, owner, path); else checkValue(value, type, owner, path);
  }
};
const checkProperties = (value, specs, owner, path) => {
  if (!isObject(value)) { complain(path, 'has no properties'); return; }
  for (const [name, inner] of Object.entries(value)) name in specs ? checkValue(inner, specs[name], owner, `${path}.${name}`) : complain(path, `there is no property ${name}`);
  for (const [name, spec] of Object.entries(specs)) if (spec.Required && !(name in value)) complain(path, `${name} is missing`);
};

Object.keys(template).filter(name => !sections.includes(name)).forEach(name => complain(name, 'there is no such section'));
checkReferences(template, 'Template', true);
for (const [name, resource] of Object.entries(Resources)) {
  Object.keys(resource).filter(key => !attributes.includes(key)).forEach(key => complain(name, `a resource has no ${key}`));
  [resource.DependsOn ?? []].flat().forEach(other => known(other, Resources, 'resource', `${name}.DependsOn`));
  if (resource.Type in ResourceTypes) checkProperties(resource.Properties ?? {}, ResourceTypes[resource.Type].Properties, resource.Type, name);
  else complain(name, `there is no type ${resource.Type}`);
}
for (const [name, output] of Object.entries(Outputs)) if (!('Value' in output)) complain(name, 'Value is missing');
console.log(JSON.stringify(mistakes));
