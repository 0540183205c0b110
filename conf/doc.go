// Package conf is the configuration: one struct whose fields carry their keys, units, ranges and explanations, so that
// loading, checking, printing and documenting all follow from one place.
package conf
