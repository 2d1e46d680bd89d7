// Package postgres
package postgres
